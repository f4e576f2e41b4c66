"""Dates, times, durations and numbers in disguise, turned into the numbers that they stand for."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tabsculpt.datasets.check import listed, many_levels
from tabsculpt.datasets.notes import Done, Fact
from tabsculpt.datasets.read_numbers import read_numbers
from tabsculpt.datasets.read_times import Times, read_clock, read_dates, read_spans
from tabsculpt.datasets.source_form import ColumnForm
from tabsculpt.datasets.texts import Form, are_calendar_days, are_codes, distinct_texts, form_of
from tabsculpt.datasets.time_form import Clock, TimeForm
from tabsculpt.table.uncopied import with_columns

DISGUISED = {
    Form.PERCENTAGES, Form.THOUSANDS, Form.DECIMAL_COMMAS, Form.MONEY, Form.UNITS, Form.ACCOUNTING,
}  # fmt: skip
_NANOSECONDS = "datetime64[ns]"


@dataclass(frozen=True, eq=False)
class Converted:
    """A column as numbers, how to write it back, and notes."""

    values: pd.Series
    form: ColumnForm
    notes: tuple[Fact, ...] = ()


def convert(
    frame: pd.DataFrame,
    forms: Mapping[str, ColumnForm],
    kept: Collection[str | None],
    day_first: bool | None,
) -> tuple[pd.DataFrame, dict[str, ColumnForm], list[Fact]]:
    """Turn what stands for numbers into numbers; other columns stay as they are.

    Args:
        frame: shape (n, d), as a reader gave it.
        forms: of its columns, where the reader knows them.
        kept: columns that stay as they are, whatever they hold.
        day_first: see `tabsculpt.datasets.read_times.read_dates`.

    Returns:
        The frame, the forms of the columns that were changed, and what was done.
    """
    changed: dict[str, pd.Series] = {}
    found: dict[str, ColumnForm] = {}
    notes: list[Fact] = []
    for name in frame.columns.difference(list(kept), sort=False):
        values = frame[name]
        form = forms.get(name) or ColumnForm(str(name), dtype=str(values.dtype))
        converted = _times(values, form) or _texts(values, form, day_first)
        if converted is not None:
            changed[name], found[name] = converted.values.rename(name), converted.form
            notes += converted.notes
    return with_columns(frame, changed), found, notes


def _times(values: pd.Series, form: ColumnForm) -> Converted | None:
    """A column of a type of its own for dates, times of day or durations."""
    if isinstance(values.dtype, pd.CategoricalDtype) or values.isna().all():
        return None
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind == "time":
        return _clock(values, form)
    if kind.startswith("timedelta"):
        return _timed(pd.to_timedelta(values).astype("timedelta64[ns]"), Clock.DURATION, form)
    if kind == "period":
        return _timed(values.dt.to_timestamp().astype(_NANOSECONDS), Clock.DATE, form)
    if kind.startswith("date"):
        return _dated(values, form)
    if pd.api.types.is_integer_dtype(values.dtype) and are_calendar_days(values):
        return _calendar(values, form)
    return None


def _dated(values: pd.Series, form: ColumnForm) -> Converted:
    times = values
    if values.dtype == object:
        zoned = any(getattr(value, "tzinfo", None) is not None for value in values.dropna())
        times = pd.to_datetime(values, errors="coerce", utc=zoned)
        only_days = all(type(value) is datetime.date for value in values.dropna())
        form = form if only_days else replace(form, dtype=str(times.dtype))
    zone = getattr(times.dtype, "tz", None)
    if zone is not None:
        times = times.dt.tz_convert("UTC").dt.tz_localize(None)
    limits = pd.Timestamp.min, pd.Timestamp.max
    beyond = times.notna() & ~times.between(*limits) | (times.isna() & values.notna())
    made = _timed(times.mask(beyond).astype(_NANOSECONDS), Clock.DATE, form, str(zone or ""))
    return replace(made, notes=(*_lost(values, beyond), *made.notes))


def _lost(values: pd.Series, lost: pd.Series) -> list[Fact]:
    """Dates that cannot be held, each with its count."""
    counts = values[lost].map(str).value_counts()
    return [Fact(Done.READ_AS_MISSING, t, str(values.name), int(n)) for t, n in counts.items()]


def _clock(values: pd.Series, form: ColumnForm) -> Converted:
    def nanoseconds(time: datetime.time) -> int:
        seconds = (time.hour * 60 + time.minute) * 60 + time.second
        return (seconds * 1_000_000 + time.microsecond) * 1_000

    whole = values.map(nanoseconds, na_action="ignore").astype("Int64")
    return _numbered(whole, TimeForm.of(Clock.TIME, whole), form)


def _timed(times: pd.Series, clock: Clock, form: ColumnForm, zone: str = "") -> Converted:
    whole = times.astype("int64").astype("Int64").mask(times.isna())
    return _numbered(whole, TimeForm.of(clock, whole, zone), form)


def _numbered(whole: pd.Series, time: TimeForm, form: ColumnForm) -> Converted:
    note = Fact(Done.TIMES_READ, time.words, form.name)
    return Converted(time.numbers(whole), replace(form, time=time), (note,))


def _calendar(values: pd.Series, form: ColumnForm) -> Converted:
    """Whole numbers such as 20200131."""
    texts = values.astype("Int64").astype("string")
    times = pd.to_datetime(texts, format="%Y%m%d").astype(_NANOSECONDS)
    made = _timed(times, Clock.DATE, form)
    assert made.form.time is not None
    example = str(texts.dropna().iloc[0])
    time = replace(made.form.time, format="%Y%m%d")
    note = Fact(Done.DATES_AS_NUMBERS, example, form.name)
    return Converted(made.values, replace(form, time=time, number=None), (note,))


def _texts(values: pd.Series, form: ColumnForm, day_first: bool | None) -> Converted | None:
    """A column of text or categories whose every value is of one of the forms."""
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind not in ("string", "categorical"):
        return None
    distinct = distinct_texts(values)
    looks = form_of(distinct) if len(distinct) else Form.TEXT
    if looks is Form.NUMBERS and many_levels(values) and not are_codes(distinct):
        looks = Form.TEXT_NUMBERS
    if looks not in {*DISGUISED, Form.TEXT_NUMBERS, Form.DATES, Form.TIMES, Form.DURATIONS}:
        return None
    texts = values.astype(object).map(lambda v: str(v).strip(), na_action="ignore")
    codes, levels = pd.factorize(texts)
    form = replace(form, dtype="object" if form.dtype == "category" else form.dtype)
    if looks in DISGUISED or looks is Form.TEXT_NUMBERS:
        read = read_numbers(list(levels))
        if read is None:
            return None
        numbers, number = read
        note = Fact(Done.NUMBERS_READ, str(looks), form.name, 0, str(levels[0]))
        return Converted(_spread(numbers, codes), replace(form, number=number), (note,))
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    times = _read(looks, list(levels), [int(count) for count in counts], day_first)
    if times is None:
        return None
    notes = _about(times, form.name, levels, counts)
    return Converted(
        times.form.numbers(_spread(times.nanoseconds, codes)),
        replace(form, time=times.form, number=None),
        notes,
    )


def _read(
    looks: Form, levels: list[str], counts: list[int], day_first: bool | None
) -> Times | None:
    if looks is Form.DATES:
        return read_dates(levels, counts, day_first)
    return read_clock(levels) if looks is Form.TIMES else read_spans(levels)


def _about(times: Times, name: str, levels: pd.Index, counts: np.ndarray) -> tuple[Fact, ...]:
    notes = [Fact(Done.TIMES_READ, times.form.words, name, 0, str(levels[0]))]
    lost = times.nanoseconds.isna().to_numpy()
    for place in np.flatnonzero(lost):
        notes.append(Fact(Done.READ_AS_MISSING, str(levels[place]), name, int(counts[place])))
    if times.ambiguous:
        order = "day" if times.form.format.lstrip("%-").startswith("d") else "month"
        other = f"dataset.day_first={'false' if order == 'day' else 'true'}"
        notes.append(Fact(Done.DAY_OR_MONTH, f"{order} first, {other} for the other", name))
    if len(times.formats) > 1:
        notes.append(Fact(Done.MORE_FORMATS, times.form.format, name, len(times.formats)))
    if len(times.zones) > 1:
        text = f"{listed(z.strip() for z in times.zones)}, written back in {times.form.zone}"
        notes.append(Fact(Done.MORE_ZONES, text, name))
    return tuple(notes)


def _spread(distinct: pd.Series, codes: npt.NDArray[Any]) -> pd.Series:
    """The value of each row, by its code; -1 is missing."""
    if distinct.dtype == np.float64:
        return pd.Series(np.append(distinct.to_numpy(), np.nan)[codes])
    whole = distinct.astype("Int64").to_numpy(dtype=np.int64, na_value=0)
    gone = np.append(distinct.isna().to_numpy(), True)[codes]
    return pd.Series(pd.arrays.IntegerArray(np.append(whole, 0)[codes], gone))
