"""How dates, times of day and durations are written, and the numbers that stand for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

NANOSECONDS = {
    "D": 86_400_000_000_000, "s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1,
}  # fmt: skip
"""Length of each unit, the coarsest first."""

NOON = {
    "%p": ("AM", "PM"), "%P": ("am", "pm"), "%q": ("a.m.", "p.m."), "%Q": ("A.M.", "P.M."),
}  # fmt: skip
"""How the halves of a day are written, by what stands for them in a format."""

_DAY = NANOSECONDS["D"]
_FRACTION = "\x01"


class Clock(StrEnum):
    """What a column of times holds."""

    DATE = "date"
    TIME = "time"
    DURATION = "duration"


@dataclass(frozen=True)
class TimeForm:
    """The form of a column of dates, times of day or durations.

    Inside they are whole numbers: units since 1970-01-01 (of a column with a time zone in UTC),
    since midnight, or of length. The unit is the coarsest that loses nothing, so that no number
    depends on which rows are there.

    Attributes:
        clock: what is held.
        unit: ``D``, ``s``, ``ms``, ``us`` or ``ns``.
        format: as ``strftime`` has it (``%-d`` for a day without a leading zero); empty where the
            source holds times of a type of its own and no text.
        digits: of the fraction of a second in the text.
        zone: the time zone or offset (``Europe/Berlin``, ``+01:00``); empty where there is none.
        colon: whether an offset in the text has a colon.
        low, high: the first and last that the source holds, in units.
    """

    clock: Clock
    unit: str
    format: str = ""
    digits: int = 0
    zone: str = ""
    colon: bool = True
    low: int = 0
    high: int = 0

    @classmethod
    def of(cls, clock: Clock, values: pd.Series, zone: str = "") -> TimeForm:
        """The form of times of a type of their own.

        Args:
            clock: what they are.
            values: nanoseconds, ``Int64``.
            zone: of dates that have one.
        """
        known = values.dropna().to_numpy(dtype=np.int64)
        unit = next(unit for unit, size in NANOSECONDS.items() if not (known % size).any())
        size = NANOSECONDS[unit]
        low, high = (int(known.min()) // size, int(known.max()) // size) if len(known) else (0, 0)
        return cls(clock, unit, zone=zone, low=low, high=high)

    @property
    def words(self) -> str:
        """What messages call such a column, and its numbers."""
        unit = {"D": "days", "s": "seconds", "ms": "milliseconds"}.get(self.unit, self.unit)
        match self.clock:
            case Clock.DATE:
                zone = f" in {self.zone}" if self.zone else ""
                return f"dates{zone} read as {unit} since 1970-01-01"
            case Clock.TIME:
                return f"times of day read as {unit} since midnight"
        return f"durations read as {unit}"

    @property
    def size(self) -> int:
        """Nanoseconds in a unit."""
        return NANOSECONDS[self.unit]

    def numbers(self, nanoseconds: pd.Series) -> pd.Series:
        """Units as whole numbers, ``Int64``; arguments as the result, in nanoseconds."""
        return nanoseconds // self.size

    def times(self, numbers: pd.Series) -> pd.Series:
        """The inverse of `numbers`, as datetimes or, of times of day and durations, timedeltas.

        Args:
            numbers: shape (n,), in units; broken ones are rounded, times of day stay in a day.
        """
        missing = numbers.isna().to_numpy()
        whole = _whole(numbers, missing)
        if self.clock is Clock.TIME:
            whole = np.clip(whole, 0, _DAY // self.size - 1)
        limit = np.iinfo(np.int64).max // self.size
        held = np.clip(whole, -limit, limit) * self.size
        if self.clock is not Clock.DATE:
            return pd.Series(held.astype("timedelta64[ns]"), numbers.index).mask(missing)
        times = pd.Series(held.astype("datetime64[ns]"), numbers.index).mask(missing)
        return times.dt.tz_localize("UTC").dt.tz_convert(self.zone) if self.zone else times

    def texts(self, numbers: pd.Series) -> pd.Series:
        """Times as they are written; missing ones are None. Of types of their own as ISO 8601."""
        codes, distinct = pd.factorize(numbers)
        times = self.times(pd.Series(distinct))
        written = self._clock(times) if self.clock is not Clock.DATE else self._dates(times)
        texts = np.array([*written, None], dtype=object)
        return pd.Series(texts[codes], numbers.index, dtype=object, name=numbers.name)

    def _dates(self, times: pd.Series) -> list[str]:
        if not self.format:
            return [time.isoformat(sep=" ") for time in times]
        form = self.format.replace("%f", _FRACTION)
        half = next((token for token in NOON if token in form), "")
        forms = [form.replace(half, word) if half else form for word in NOON.get(half, ("", ""))]
        found = [time.strftime(forms[time.hour > 11]) for time in times]
        if "%f" in self.format:
            fractions = [f"{t.microsecond:06d}{t.nanosecond:03d}"[: self.digits] for t in times]
            found = [t.replace(_FRACTION, f) for t, f in zip(found, fractions, strict=True)]
        if "%z" in self.format and self.colon:
            found = [f"{text[:-2]}:{text[-2:]}" for text in found]
        return found

    def _clock(self, times: pd.Series) -> list[str]:
        if self.clock is Clock.DURATION and not self.format:
            return [str(time) for time in times]
        form = self.format or ("%H:%M:%S.%f" if self.unit in ("ms", "us", "ns") else "%H:%M:%S")
        return [_clock_text(time.value, form, self.digits or 6) for time in times]


def _whole(numbers: pd.Series, missing: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    if pd.api.types.is_integer_dtype(numbers.dtype):
        return numbers.to_numpy(dtype=np.int64, na_value=0)
    known = np.where(missing, 0.0, numbers.to_numpy(dtype=np.float64, na_value=0.0))
    return np.rint(known).astype(np.int64)


def _clock_text(nanoseconds: int, form: str, digits: int) -> str:
    """Hours, minutes and seconds; of a duration the hours go on beyond 24."""
    sign = "-" if nanoseconds < 0 else ""
    seconds, rest = divmod(abs(nanoseconds), NANOSECONDS["s"])
    hours, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
    if "%D" in form:
        days, hours = divmod(hours, 24)
        form = form.replace("%D", str(days))
    parts = {
        "%H": f"{hours:02d}", "%-H": f"{hours}", "%M": f"{minute:02d}", "%S": f"{second:02d}",
        "%f": f"{rest:09d}"[:digits], **{half: words[hours > 11] for half, words in NOON.items()},
        "%I": f"{(hours + 11) % 12 + 1:02d}", "%-I": f"{(hours + 11) % 12 + 1}",
    }  # fmt: skip
    for token, text in parts.items():
        form = form.replace(token, text)
    return sign + form
