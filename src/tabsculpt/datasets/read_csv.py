"""CSV text of unknown encoding and separator, read into a raw frame."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.datasets.check import require_distinct
from tabsculpt.errors import UserError

MISSING_WORDS = ("", "?", "na", "n/a", "#n/a", "nan", "null", "none", "<na>")
# In order of trust: text and decimals hold commas more often than tabs.
_SEPARATORS = ("\t", ";", "|", ",")
_SAMPLE = 50
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_BLANK_LINES = re.compile(r"\A(?:[ ]*\r?\n)+")
# From pandas 3.1 on every decimal is read as the nearest float, and the option is deprecated.
_PANDAS = tuple(int(part) for part in pd.__version__.split(".")[:2])
_EXACT: dict[str, Any] = {} if _PANDAS >= (3, 1) else {"float_precision": "round_trip"}
_DECIMAL_COMMA = re.compile(r"[+-]?(\d+(,\d*)?|,\d+)([eE][+-]?\d+)?")


def read_text(path: Path) -> str:
    """The text of a file, decoded by its byte order mark, as UTF-8, or else as Windows-1252.

    Args:
        path: a text file; Latin-1 letters read the same as Windows-1252.

    Raises:
        UserError: there is no such file, it is a folder, empty, not readable or not text.
    """
    if path.is_dir():
        raise UserError(f"{path} is a folder; dataset.path must name a file")
    if not path.exists():
        raise UserError(f"no such file: {path}; check dataset.path")
    try:
        raw = path.read_bytes()
    except PermissionError:
        raise UserError(f"{path} may not be read; change its permissions") from None
    marked = [encoding for mark, encoding in _BYTE_ORDER_MARKS if raw.startswith(mark)]
    for encoding in marked[:1] or ["utf-8", "cp1252"]:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not text.strip():
            raise UserError(f"{path} is empty; a table with a header and rows is expected")
        if not _CONTROL.search(text):
            return text
    raise UserError(f"{path} is binary, not text; save the table as UTF-8 text first")


def read_csv(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read a CSV file whose encoding and separator are found from its content.

    The separator is a comma, semicolon, tab or bar. Values lose surrounding blanks; an empty
    cell, ``?``, NA, N/A, NaN, null and none (any case) are missing. Where the separator is a
    semicolon, columns whose every value reads so have their decimal commas turned into points.

    Args:
        path: the file; its first line names the columns.

    Returns:
        The raw frame (a column without a name is called ``Unnamed: <position>``), and notes.

    Raises:
        UserError: the file cannot be read as a table; the message says where it breaks.
    """
    text = _BLANK_LINES.sub("", read_text(path))
    separator = _separator(text)
    header, rows = _header(path, text, separator)
    frame = _parsed(path, text, separator, header)
    if len(frame) != rows:
        raise UserError(f"{path} cannot be read as CSV: check its quotes and blank lines")
    texts = [name for name in frame if _holds_text(frame[name])]
    frame = frame.assign(**{name: _tidy(frame[name]) for name in texts})
    decimals = [n for n in texts if separator == ";" and _has_decimal_commas(frame[n])]
    frame = frame.assign(**{name: _with_points(frame[name]) for name in decimals})
    return frame, [f"decimal commas read in {', '.join(decimals)}"] if decimals else []


def _holds_text(values: pd.Series) -> bool:
    """Text is of dtype object to pandas 2 and of dtype str to pandas 3."""
    return values.dtype == object or isinstance(values.dtype, pd.StringDtype)


def _parsed(path: Path, text: str, separator: str, header: list[str]) -> pd.DataFrame:
    try:
        return pd.read_csv(
            io.StringIO(text),
            sep=separator,
            names=header,
            header=0,
            index_col=False,
            skipinitialspace=True,
            keep_default_na=False,
            na_values=sorted({form for word in MISSING_WORDS for form in _cases(word)}),
            low_memory=False,
            **_EXACT,
        )
    except pd.errors.ParserError as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path} cannot be read as CSV ({reason}); check its quotes") from None


def without_index(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Leave out an unnamed first column that numbers the rows, as pandas and R write it.

    Returns:
        The frame, and a note where a column was left out.
    """
    first = frame.columns[0]
    values = frame[first]
    numbers_rows = pd.api.types.is_integer_dtype(values.dtype) and values.is_unique
    if first != "Unnamed: 0" or not numbers_rows:
        return frame, []
    return frame.drop(columns=first), ["the unnamed first column numbers the rows: left out"]


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The line and values of each record that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    for record in reader:
        if len(record) > 1 or any(value.strip() for value in record):
            yield reader.line_num, record


def _separator(text: str) -> str:
    """The first separator that cuts the first records into equally many values, more than one."""
    fallback, most = ",", 1
    for separator in _SEPARATORS:
        try:
            widths = [len(record) for _, record in islice(_records(text, separator), _SAMPLE)]
        except csv.Error:
            continue
        if widths[0] > 1 and len(set(widths)) == 1:
            return separator
        if widths[0] > most:
            fallback, most = separator, widths[0]
    return fallback


def _header(path: Path, text: str, separator: str) -> tuple[list[str], int]:
    """The names of the columns and the number of rows, once all have as many values."""
    try:
        records = _records(text, separator)
        _, names = next(records)
        rows = 0
        for line, record in records:
            rows += 1
            if len(record) != len(names):
                raise UserError(
                    f"{path} has {len(record)} values in the row that ends at line {line}, where "
                    f"the header names {len(names)} columns; quote values that hold a separator"
                )
    except csv.Error as error:
        raise UserError(f"{path} cannot be read as CSV ({error}); check its quotes") from None
    if rows == 0:
        raise UserError(f"{path} has a header but no rows")
    named = [name.strip() for name in names]
    require_distinct([name for name in named if name], str(path))
    return [name or f"Unnamed: {position}" for position, name in enumerate(named)], rows


def _cases(word: str) -> set[str]:
    return {word, word.upper(), word.capitalize(), word.replace("nan", "NaN")}


def _tidy(values: pd.Series) -> pd.Series:
    """Text without surrounding blanks and missing words; numbers where only blanks hid them."""
    if pd.api.types.infer_dtype(values, skipna=True) != "string":
        return values
    tidy = values.str.strip()
    tidy = tidy.mask(tidy.str.lower().isin(MISSING_WORDS))
    numbers = pd.to_numeric(tidy, errors="coerce")
    return _floats(tidy) if (numbers.notna() == tidy.notna()).all() else tidy


def _has_decimal_commas(values: pd.Series) -> bool:
    known = values.dropna()
    if pd.api.types.infer_dtype(known) != "string":
        return False
    texts = [str(value) for value in known.unique()]
    return any("," in t for t in texts) and all(_DECIMAL_COMMA.fullmatch(t) for t in texts)


def _with_points(values: pd.Series) -> pd.Series:
    return _floats(values.str.replace(",", ".", regex=False))


def _floats(values: pd.Series) -> pd.Series:
    """Python's own conversion, which rounds correctly where that of pandas may not."""
    return values.map(float, na_action="ignore").astype(np.float64)
