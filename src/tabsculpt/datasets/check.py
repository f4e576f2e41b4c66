"""What is refused in a raw table: each refusal is one line that says what to do about it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pandas as pd

from tabsculpt.datasets.texts import Form, distinct_texts, form_of, matches
from tabsculpt.errors import UserError

LEAST_ROWS = 10
FREE_TEXT_VALUES = 50
FREE_TEXT_SHARE = 0.5

_TIMES = {
    "datetime": Form.DATES,
    "date": Form.DATES,
    "period": Form.DATES,
    "timedelta": Form.DURATIONS,
    "time": Form.TIMES,
}
_TO_NUMBERS = "turn them into plain numbers, or "
_ADVICE = {
    Form.DATES: "turn them into numbers (days since the first visit, for example) or ",
    Form.TIMES: "turn them into numbers (hours since midnight, for example) or ",
    Form.DURATIONS: "turn them into numbers (hours, for example) or ",
}
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NUMBER = re.compile(r"[+-]?\d+[.,]?\d*")
_SHOWN = 20


def listed(names: Iterable[str]) -> str:
    """The names on one line, at most twenty of them."""
    shown = [name if name.isprintable() else repr(name) for name in names]
    rest = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + rest


def setting(key: str, value: str | Sequence[str]) -> str:
    """A setting as it is typed in a shell: ``dataset.drop=[Name,Ticket]``, quoted where needed."""
    if isinstance(value, str):
        typed = f"{key}={_quoted(value)}"
    else:
        typed = f"{key}=[{','.join(_quoted(name) for name in value)}]"
    return shlex.quote(typed) if re.search(r"[^\w.,=\[\]/-]", typed) else typed


def require_columns(columns: Sequence[str], key: str, names: Iterable[str]) -> None:
    """Refuse a setting that names a column which is not there.

    Raises:
        UserError: the message lists the columns and suggests the one that is near.
    """
    for name in names:
        if name in columns:
            continue
        lower = {column.lower(): column for column in columns}
        near = get_close_matches(name.lower(), lower, n=1)
        hint = f"; did you mean {lower[near[0]]!r}?" if near else ";"
        if any(_NUMBER.fullmatch(column) for column in columns):
            hint += " if the first line of the file is a row, set dataset.header=false;"
        raise UserError(f"{key}: no column {name!r}{hint} columns: {listed(columns)}")


def require_distinct(names: Sequence[str], where: str) -> None:
    """Refuse columns that share a name."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UserError(f"{where}: several columns are named {listed(twice)}; rename them")


def require_rows(found: int, why: str) -> None:
    """Refuse fewer than ten rows; ``why`` says what was counted and what to do."""
    if found < LEAST_ROWS:
        rows = "1 row" if found == 1 else f"{found} rows"
        raise UserError(f"{rows} {why}; at least {LEAST_ROWS} are needed")


@dataclass(frozen=True)
class _Fault:
    """Why no model here can learn from a column: what it holds, an example, and what to do."""

    what: str
    example: str
    advice: str


def require_features(
    features: pd.DataFrame,
    dropped: Sequence[str],
    unused: Sequence[str] = (),
    kept: Sequence[str] = (),
) -> None:
    """Refuse features that no model here can learn from.

    Args:
        features: shape (n, d), the columns that are neither target nor group.
        dropped: what ``dataset.drop`` names already; the advice repeats it.
        unused: columns that were set aside without being asked to.
        kept: columns that may have any number of different texts.

    Raises:
        UserError: no feature at all, or columns without a value, with infinite values, with dates,
            times or durations, or with more different texts than categories have; every column at
            fault is named with what its values look like.
    """
    if features.shape[1] == 0:
        raise UserError(
            "no feature is left beside the target; at least one more column is needed"
            + (f" ({setting('dataset.keep', unused)} uses what was set aside)" if unused else "")
        )
    found = {str(name): _fault(features[name], name in kept) for name in features}
    faults = {name: fault for name, fault in found.items() if fault}
    if not faults:
        return
    problems = []
    for what, advice in dict.fromkeys((fault.what, fault.advice) for fault in faults.values()):
        of = {name: fault for name, fault in faults.items() if fault.what == what}
        shown = [f"{name} ({f.example})" if f.example else name for name, f in of.items()]
        problems.append(f"columns {what}: {listed(shown)}; {advice}leave them out")
    typed = setting("dataset.drop", [*dropped, *faults])
    raise UserError(f"{'; '.join(problems)}: {typed}")


def has_dates(values: pd.Series) -> bool:
    """Whether a column holds points in time, by its dtype or because all its text reads so."""
    return look_of(values) is Form.DATES


def look_of(values: pd.Series) -> Form | None:
    """What the values of a column of times, text or categories look like; None for others."""
    kind = pd.api.types.infer_dtype(values, skipna=True)
    for start, form in _TIMES.items():
        if kind.startswith(start):
            return form
    if kind not in ("string", "categorical"):
        return None
    texts = distinct_texts(values)
    return form_of(texts) if len(texts) else None


def example_of(values: pd.Series) -> str:
    """The first value that is there, as text."""
    known = values.dropna()
    return str(known.iloc[0]) if len(known) else ""


def many_levels(values: pd.Series) -> bool:
    """Whether a text column has more levels than a category, so that it names or describes rows."""
    if not (values.dtype == object or isinstance(values.dtype, pd.CategoricalDtype)):
        return False
    distinct = int(values.nunique())
    known = int(values.notna().sum())
    return distinct > FREE_TEXT_VALUES and distinct > FREE_TEXT_SHARE * known


def _fault(values: pd.Series, kept: bool = False) -> _Fault | None:
    if values.isna().all():
        return _Fault("without a single value", "", "")
    if _has_infinity(values):
        advice = "replace those by a number or an empty cell, or "
        return _Fault("with infinite values", "", advice)
    form = look_of(values)
    example = example_of(values)
    if form in _ADVICE and not _is_text(values):
        return _Fault(f"that hold {form}", example, _ADVICE[form])
    if kept or not many_levels(values):
        return None
    if form is Form.MIXED:
        word = first_word(values)
        typed = setting("dataset.missing_words", [word])
        advice = f"if such a word means missing, set {typed}, or else "
        return _Fault(f"that hold {form}", repr(word), advice)
    if form is not None and form is not Form.TEXT:
        return _Fault(f"that hold {form}", example, _ADVICE.get(form, _TO_NUMBERS))
    what = (
        f"that are identifiers or free text (more than {FREE_TEXT_VALUES} different values, and "
        "different in more than half of the rows)"
    )
    return _Fault(what, "", "")


def _is_text(values: pd.Series) -> bool:
    """Whether a column holds text and not values of a type of their own."""
    return pd.api.types.infer_dtype(values, skipna=True) in ("string", "categorical")


def first_word(values: pd.Series) -> str:
    """The first text of a column that is no number."""
    texts = distinct_texts(values)
    numbers = matches(texts, Form.NUMBERS).to_pylist()
    return str(texts[numbers.index(False)].as_py())


def _has_infinity(values: pd.Series) -> bool:
    return pd.api.types.is_float_dtype(values.dtype) and bool(
        np.isinf(values.to_numpy(dtype=np.float64, na_value=np.nan)).any()
    )


def _quoted(value: str) -> str:
    if _PLAIN_NAME.fullmatch(value) and value.lower() not in ("null", "true", "false", "nan"):
        return value
    # To Hydra a backslash is an escape only where a quote follows it.
    escaped = re.sub(r'(\\*)("|\Z)', lambda m: m[1] * 2 + ('\\"' if m[2] else ""), value)
    return f'"{escaped}"'
