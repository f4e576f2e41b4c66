"""What is refused in a raw table: each refusal is one line that says what to do about it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import numpy as np
import pandas as pd

from tabsculpt.errors import UserError

LEAST_ROWS = 10
FREE_TEXT_VALUES = 50
FREE_TEXT_SHARE = 0.5

_DATE = re.compile(
    r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})"
    r"([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s?(Z|UTC|[+-]\d{2}:?\d{2})?)?"
)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
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


def require_features(features: pd.DataFrame, dropped: Sequence[str]) -> None:
    """Refuse features that no model here can learn from.

    Args:
        features: shape (n, d), the columns that are neither target nor group.
        dropped: what ``dataset.drop`` names already; the advice repeats it.

    Raises:
        UserError: no feature at all, or columns without values, with infinite values, with dates,
            or that are identifiers or free text; every column at fault is named.
    """
    if features.shape[1] == 0:
        raise UserError("no feature is left beside the target; at least one more column is needed")
    empty = [name for name in features if features[name].isna().all()]
    _refuse(empty, "without a single value", "leave them out", dropped)
    _refuse(
        [name for name in features if _has_infinity(features[name])],
        "with infinite values",
        "replace those by a number or an empty cell, or leave the columns out",
        dropped,
    )
    _refuse(
        [name for name in features if has_dates(features[name])],
        "that hold dates",
        "turn them into numbers (days since the first visit, for example) or leave them out",
        dropped,
    )
    _refuse(
        [name for name in features if _is_free_text(features[name])],
        f"that are identifiers or free text (more than {FREE_TEXT_VALUES} different values, and "
        "different in more than half of the rows)",
        "leave them out",
        dropped,
    )


def has_dates(values: pd.Series) -> bool:
    """Whether a column holds points in time, by its dtype or because all its text reads so."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return True
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind in ("datetime", "datetime64", "date"):
        return True
    if kind not in ("string", "categorical"):
        return False
    texts = [str(value) for value in values.dropna().unique()]
    return bool(texts) and all(_DATE.fullmatch(text) for text in texts)


def _refuse(names: list[str], what: str, advice: str, dropped: Sequence[str]) -> None:
    if names:
        typed = setting("dataset.drop", [*dropped, *names])
        raise UserError(f"columns {what}: {listed(names)}; {advice}: {typed}")


def _has_infinity(values: pd.Series) -> bool:
    return pd.api.types.is_float_dtype(values.dtype) and bool(
        np.isinf(values.to_numpy(dtype=np.float64, na_value=np.nan)).any()
    )


def _is_free_text(values: pd.Series) -> bool:
    if not (values.dtype == object or isinstance(values.dtype, pd.CategoricalDtype)):
        return False
    distinct = int(values.nunique())
    known = int(values.notna().sum())
    return distinct > FREE_TEXT_VALUES and distinct > FREE_TEXT_SHARE * known


def _quoted(value: str) -> str:
    if _PLAIN_NAME.fullmatch(value) and value.lower() not in ("null", "true", "false", "nan"):
        return value
    # To Hydra a backslash is an escape only where a quote follows it.
    escaped = re.sub(r'(\\*)("|\Z)', lambda m: m[1] * 2 + ('\\"' if m[2] else ""), value)
    return f'"{escaped}"'
