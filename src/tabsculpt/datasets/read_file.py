"""Files of every format that is read, recognised by how their names end."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from tabsculpt.datasets.check import listed, require_distinct
from tabsculpt.datasets.notes import Done, Fact
from tabsculpt.datasets.read_arff import read_arff
from tabsculpt.datasets.read_bytes import PACKED, STANDARD_INPUT, read_bytes, require_file
from tabsculpt.datasets.read_csv import Dialect, Raw, read_csv
from tabsculpt.datasets.read_parquet import frame_of, read_parquet
from tabsculpt.datasets.title_rows import left_out, title_rows
from tabsculpt.errors import UserError
from tabsculpt.extras import require

FORMATS = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv", ".data": "csv", ".dat": "csv",
    ".parquet": "parquet", ".pq": "parquet", ".feather": "feather", ".arrow": "feather",
    ".ipc": "feather", ".arff": "arff", ".xlsx": "excel", ".xlsm": "excel", ".sav": "sav",
    ".zsav": "sav", ".por": "por", ".sas7bdat": "sas7bdat", ".xpt": "xport", ".dta": "dta",
}  # fmt: skip
"""The format of a file, by how its name ends."""

_STATISTICS = {"sav", "por", "sas7bdat", "xport", "dta"}
_EXTRA = "files"
_SAMPLE = 50


def format_of(path: Path) -> str:
    """The format that the name of a file says.

    Raises:
        UserError: none is known by that name.
    """
    if str(path) == STANDARD_INPUT:
        return "csv"
    if path.is_dir():
        return "parquet"
    suffix = path.suffix.lower()
    if suffix in PACKED:
        suffix = Path(path.stem).suffix.lower() or ".csv"
        if FORMATS.get(suffix) not in ("csv", "arff"):
            raise UserError(f"{path} is compressed, and only text is read so; unpack it first")
    if suffix not in FORMATS:
        raise UserError(
            f"{path}: no format is known by the ending {suffix!r}; expected {listed(FORMATS)}; "
            "dataset=csv reads any text"
        )
    return FORMATS[suffix]


def read_file(path: Path, of: str, dialect: Dialect, sheet: str | None) -> Raw:
    """Read a file.

    Args:
        path: the file.
        of: its format, a value of `FORMATS`.
        dialect: of text.
        sheet: of a workbook; None for the first one.

    Raises:
        UserError: the file cannot be read as that, or the package that reads it is absent.
    """
    if of == "csv":
        return read_csv(path, dialect)
    if of == "excel":
        return _read_excel(path, sheet, dialect.header)
    if of in _STATISTICS:
        return _read_statistics(path, of)
    readers: dict[str, Callable[[Path], pd.DataFrame]] = {
        "parquet": read_parquet, "feather": _read_feather, "arff": read_arff,
    }  # fmt: skip
    return Raw.of(readers[of](path), of)


def _read_feather(path: Path) -> pd.DataFrame:
    import pyarrow as pa
    from pyarrow import feather

    require_file(path)
    try:
        table = feather.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, "Feather", error) from None
    return frame_of(table, path)


def _read_excel(path: Path, sheet: str | None, header: bool) -> Raw:
    require(_EXTRA, "openpyxl", f"{path}, an Excel file,")
    content = io.BytesIO(read_bytes(path))
    try:
        book = pd.ExcelFile(content, engine="openpyxl")
        names = [str(name) for name in book.sheet_names]
        chosen = names[0] if sheet is None else sheet
        if chosen not in names:
            raise UserError(f"dataset.sheet: no sheet {chosen!r}; sheets: {listed(names)}")
        cells = book.parse(chosen, header=None, dtype=object, keep_default_na=False, na_values=[""])
    except UserError:
        raise
    except Exception as error:  # zipfile, openpyxl and pandas each have their own
        raise _unreadable(path, "an Excel workbook", error) from None
    cells = cells.dropna(how="all")
    first = [[_text(cell) for cell in row] for row in cells.iloc[:_SAMPLE].to_numpy()]
    above = title_rows(first) if header and len(first) > 1 else 0
    frame = _under_header(path, cells.iloc[above:], header)
    text = f"sheet {chosen!r} read of {listed(names)} (dataset.sheet chooses another)"
    notes = [Fact(Done.SOURCE, text)] if len(names) > 1 else []
    return Raw.of(frame, "excel", [*notes, *left_out(first[:above])])


def _text(cell: Any) -> str:
    return "" if pd.isna(cell) else str(cell).strip()


def _under_header(path: Path, cells: pd.DataFrame, header: bool) -> pd.DataFrame:
    """The rows of a sheet with the first one as names, or with x0, x1, ..."""
    names = [f"x{place}" for place in range(cells.shape[1])]
    if header and len(cells):
        first = cells.iloc[0]
        names = [
            f"Unnamed: {place}" if pd.isna(name) else str(name).strip()
            for place, name in enumerate(first)
        ]
        cells = cells.iloc[1:]
    if cells.empty:
        raise UserError(f"{path} has no rows")
    require_distinct(names, str(path))
    return cells.set_axis(names, axis=1).reset_index(drop=True).infer_objects()


def _read_statistics(path: Path, of: str) -> Raw:
    """A file of SPSS, SAS or Stata; columns all of whose values have labels are categories."""
    reader: Any = require(_EXTRA, "pyreadstat", f"{path}, of the format {of},")
    require_file(path)
    try:
        frame, about = getattr(reader, f"read_{of}")(str(path))
    except Exception as error:  # pyreadstat has one of its own for everything
        raise _unreadable(path, of, error) from None
    if frame.empty:
        raise UserError(f"{path} has no rows")
    labelled = []
    for name, labels in about.variable_value_labels.items():
        if frame[name].notna().any() and frame[name].dropna().isin(list(labels)).all():
            frame[name] = frame[name].map(labels).astype("category")
            labelled.append(name)
    text = f"value labels read instead of codes: {listed(labelled)}"
    return Raw.of(frame, of, [Fact(Done.SOURCE, text)] if labelled else [])


def _unreadable(path: Path, what: str, error: Exception) -> UserError:
    reason = " ".join(str(error).split())[:200]
    return UserError(f"{path} cannot be read as {what}: {reason}")
