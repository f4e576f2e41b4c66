"""CSV text of unknown encoding and separator, cut into columns of text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tabsculpt.datasets.check import require_distinct, setting
from tabsculpt.datasets.read_bytes import read_bytes
from tabsculpt.datasets.title_rows import title_rows
from tabsculpt.errors import UserError
from tabsculpt.table import IntArray

if TYPE_CHECKING:
    import pyarrow as pa

# In order of trust: text and decimals hold commas more often than tabs.
_SEPARATORS = ("\t", ";", "|", ",")
_SAMPLE = 50
_SAMPLE_TEXT = 10_000
_CHUNK = 20_000
_PART = 2**24
_FOOTER_AT_MOST = 5
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_COMMENT_SIGNS = ("#", "%", "//")


@dataclass(frozen=True, eq=False)
class Cells:
    """A CSV file as text.

    Attributes:
        columns: the text of each cell by column, as written but for quotes and leading blanks;
            arrays of n strings. A column without a name is called ``Unnamed: <position>``.
        lines: the line of the file at which each row ends, counted from 1, shape (n,).
        separator: what stands between the cells of a row.
        encoding: of the file, as Python names it.
        line_end: of the file.
        above: what rows above the header hold, which are left out.
    """

    columns: dict[str, pa.Array]
    lines: IntArray
    separator: str
    encoding: str = "utf-8"
    line_end: str = "\n"
    above: Sequence[Sequence[str]] = ()


def read_text(path: Path) -> str:
    """The text of a file; see `decoded`."""
    return decoded(path)[0]


def decoded(path: Path) -> tuple[str, str]:
    """The text of a file by its byte order mark, as UTF-8, or else as Windows-1252.

    Args:
        path: a text file, or a compressed one; Latin-1 letters read the same as Windows-1252.

    Returns:
        The text, and the encoding as Python names it.

    Raises:
        UserError: there is no such file, it is a folder, empty, not readable or not text.
    """
    raw = read_bytes(path)
    marked = [encoding for mark, encoding in _BYTE_ORDER_MARKS if raw.startswith(mark)]
    for encoding in marked[:1] or ["utf-8", "cp1252"]:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not text or text.isspace():
            raise UserError(f"{path} is empty; a table with a header and rows is expected")
        if not _CONTROL.search(text):
            return text, encoding
    raise UserError(
        f"{path} is binary, not text; save the table as UTF-8 text first, or read workbooks and "
        "files of statistics packages with dataset=file"
    )


def read_cells(path: Path, header: bool, comment: str | None, skip_footer: int) -> Cells:
    """Read a CSV file as text; its encoding and separator are found.

    Args:
        path: the file.
        header: whether the first line names the columns; without, they are called x0, x1, ...
        comment: lines that begin with it are left out; None for none.
        skip_footer: lines left out at the end, blank ones and comments not counted.

    Raises:
        UserError: the file cannot be read as a table; the message says where it breaks.
    """
    text, encoding = decoded(path)
    line_end = "\r\n" if "\r\n" in text[:_SAMPLE_TEXT] else "\n"
    raw = _body(text.encode(), comment, skip_footer)
    del text  # of a long file each copy counts
    raw, above, separator = _without_titles(raw) if header else (raw, [], _separator(raw))
    names = _names(path, raw, separator, header)
    first = 1 if header else 0
    found = _at_once(raw, separator, names) or _by_record(path, raw, separator, names)
    del raw
    parts, lines = found[0], found[1][first:]
    if not len(lines):
        raise UserError(f"{path} has a header but no rows")
    columns = {name: _trimmed(parts.pop(0))[first:] for name in names}
    return Cells(columns, lines, separator, encoding, line_end, above)


def release_text() -> None:
    """Give back the memory of cells that are not used any more, which Arrow keeps for others."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()


def _body(raw: bytes, comment: str | None, skip_footer: int) -> bytes:
    """The text without comments, which leave blank lines, and without its last lines."""
    raw = raw.replace(b"\r\n", b"\n")
    if comment:
        raw = re.sub(rb"(?m)^[ \t]*%s.*$" % re.escape(comment.encode()), b"", raw)
    for _ in range(skip_footer):
        raw = raw.rstrip()
        raw = raw[: raw.rfind(b"\n") + 1]
    return raw


def _without_titles(raw: bytes) -> tuple[bytes, list[list[str]], str]:
    """The text with blank lines for titles above its header, what these hold, and its separator."""
    first = raw.find(b"\n", _SAMPLE_TEXT)
    whole = _separator(raw)
    for separator in (whole, *_SEPARATORS):
        try:
            records = list(islice(_records(raw[: first + 1 or None], separator, False), _SAMPLE))
        except csv.Error:
            continue
        rows = [[cell.strip() for cell in record] for _, record in records]
        above = title_rows(rows) if len(rows) > 1 else 0
        if above and len(set(map(len, rows[above:]))) == 1:
            lines = raw.split(b"\n", records[above - 1][0])
            return b"\n" * (len(lines) - 1) + lines[-1], rows[:above], separator
    return raw, [], whole


def _separator(raw: bytes) -> str:
    """The first separator that cuts the first records into equally many values, more than one."""
    fallback, most = ",", 1
    for separator in _SEPARATORS:
        try:
            widths = [len(r) for _, r in islice(_records(raw, separator, strict=False), _SAMPLE)]
        except csv.Error:
            continue
        if widths and widths[0] > 1 and len(set(widths)) == 1:
            return separator
        if widths and widths[0] > most:
            fallback, most = separator, widths[0]
    return fallback


def _records(raw: bytes, separator: str, strict: bool = True) -> Iterator[tuple[int, list[str]]]:
    """The line at which each record that is not blank ends, and its values."""
    text = io.TextIOWrapper(io.BytesIO(raw), "utf-8", newline="")
    reader = csv.reader(text, delimiter=separator, skipinitialspace=True, strict=strict)
    for record in reader:
        if len(record) > 1 or any(value.strip() for value in record):
            yield reader.line_num, record


def _names(path: Path, raw: bytes, separator: str, header: bool) -> list[str]:
    """The names of the columns; R leaves the name of its row names out of the header."""
    try:
        records = [record for _, record in islice(_records(raw, separator, strict=False), 3)]
    except csv.Error as error:
        raise UserError(f"{path} cannot be read as CSV ({error}); check its quotes") from None
    if not records:
        raise UserError(f"{path} has no rows")
    if not header:
        return [f"x{place}" for place in range(len(records[0]))]
    named = [name.strip() for name in records[0]]
    if len(records) > 2 and len(records[1]) == len(records[2]) == len(named) + 1 > 2:
        named = [*named, ""] if not records[1][-1].strip() else ["", *named]
    require_distinct([name for name in named if name], str(path))
    return [name or f"Unnamed: {position}" for position, name in enumerate(named)]


def _at_once(
    raw: bytes, separator: str, names: Sequence[str]
) -> tuple[list[pa.ChunkedArray], IntArray] | None:
    """The columns by one pass of pyarrow; None where a record is not one line of that width."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    if b"\r" in raw or (b' "' in raw and re.search(_blank_then_quote(separator), raw)):
        return None
    lines = _filled_lines(raw)
    places = [str(place) for place in range(len(names))]
    try:
        table = arrow.read_csv(
            pa.py_buffer(raw),
            arrow.ReadOptions(use_threads=False, column_names=places),
            arrow.ParseOptions(delimiter=separator),
            arrow.ConvertOptions(
                column_types=dict.fromkeys(places, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != len(lines):
        return None
    return table.columns, lines


def _trimmed(texts: pa.ChunkedArray) -> pa.Array:
    """Texts in one piece, without leading blanks."""
    import pyarrow.compute as pc

    whole = texts.combine_chunks()
    blank = pc.starts_with(whole, " ")
    return pc.utf8_ltrim(whole, characters=" ") if blank.true_count else whole


def _blank_then_quote(separator: str) -> bytes:
    """Where blanks stand before a quote, which pyarrow does not skip."""
    return rb'(?:^|[\n%s]) +"' % re.escape(separator.encode())


def _filled_lines(raw: bytes) -> IntArray:
    """The numbers of the lines that are not empty, from 1."""
    text = np.frombuffer(raw, np.uint8)
    parts = [
        begin + np.flatnonzero(text[begin : begin + _PART] == ord("\n"))
        for begin in range(0, len(text), _PART)
    ]
    ends = np.concatenate(parts)
    if not raw.endswith(b"\n"):
        ends = np.append(ends, len(raw))
    lengths = np.diff(ends, prepend=-1) - 1
    return np.flatnonzero(lengths) + 1


def _by_record(
    path: Path, raw: bytes, separator: str, names: Sequence[str]
) -> tuple[list[pa.ChunkedArray], IntArray]:
    """The columns record by record: for quoted line breaks, and to say where a file breaks."""
    import pyarrow as pa

    chunks: list[list[pa.Array]] = []
    lines: list[int] = []
    records = enumerate(_records(raw, separator))
    try:
        while part := list(islice(records, _CHUNK)):
            for place, (line, record) in part:
                # A header that lacks the name of the row names, see `_names`.
                if place == 0 and len(record) == len(names) - 1:
                    record.append("")
                if len(record) != len(names):
                    raise _wrong_width(path, raw, separator, line, len(record), len(names))
            lines += [line for _, (line, _) in part]
            rows = zip(*(record for _, (_, record) in part), strict=True)
            chunks.append([pa.array(values, pa.string()) for values in rows])
    except csv.Error as error:
        raise UserError(f"{path} cannot be read as CSV ({error}); check its quotes") from None
    return [pa.chunked_array(list(of)) for of in zip(*chunks, strict=True)], np.array(lines)


def _wrong_width(
    path: Path, raw: bytes, separator: str, line: int, found: int, expected: int
) -> UserError:
    problem = (
        f"{path} has {found} values in the row that ends at line {line}, where the header names "
        f"{expected} columns; "
    )
    after = [len(r) for at, r in _records(raw, separator, strict=False) if at >= line]
    if len(after) <= _FOOTER_AT_MOST:
        return UserError(
            f"{problem}if a footer begins there, leave it out with dataset.skip_footer={len(after)}"
        )
    begin = raw.lstrip()[:2].decode(errors="replace")
    if sign := next((sign for sign in _COMMENT_SIGNS if begin.startswith(sign)), None):
        typed = setting("dataset.comment", sign)
        return UserError(f"{problem}if lines that begin with {sign} are comments, use {typed}")
    return UserError(f"{problem}quote values that hold a separator")
