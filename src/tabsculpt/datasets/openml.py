"""Any data set of OpenML, from its client's cache on disk or from the network."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.assemble import Roles, assemble
from tabsculpt.datasets.notes import Done, Fact
from tabsculpt.datasets.read_arff import read_arff
from tabsculpt.errors import UserError

_ATTEMPTS = 2
_TIMEOUT_S = 60
_CHUNK = 1 << 16


@dataclass(frozen=True)
class OpenMLFile:
    """An ARFF file on this machine, and what OpenML's description says of it.

    Attributes:
        path: the file.
        name: the set's name on OpenML; empty where no description was needed.
        default_target: the columns that OpenML names as target, separated by commas, or None.
        ignored: columns that OpenML says are row identifiers or to be ignored.
        notes: what the user should know of the file.
    """

    path: Path
    name: str = ""
    default_target: str | None = None
    ignored: tuple[str, ...] = ()
    notes: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class OpenML:
    """A set named by its OpenML id.

    J. Vanschoren, J. van Rijn, B. Bischl and L. Torgo, "OpenML: networked science in machine
    learning", 2013, https://doi.org/10.1145/2641190.2641198.

    Attributes:
        id: the set's id on OpenML.
        target: the column to predict; None for the default target of the set.
        name: what results call the set; None for its name on OpenML.
        task: ``auto``, ``regression``, ``binary`` or ``multiclass``.
        drop: columns left out, beside those that OpenML says are to be ignored.
        group: the column whose rows stay in one part of a split, or None.
        missing: ``drop``, ``impute`` or ``keep``.
    """

    id: int
    target: str | None = None
    name: str | None = None
    task: str = "auto"
    drop: list[str] = field(default_factory=list)
    group: str | None = None
    missing: str = "impute"

    def load(self) -> Dataset:
        """Read the rows: as ARFF, from the cache where it is there.

        Raises:
            UserError: the set is neither in the cache nor to be had, it has no single default
                target and none is set, or a setting does not fit.
        """
        Roles(self.target or "", self.task, self.drop, self.group, self.missing)
        found = describe(self.id)
        target = self.target or self._default_target(found)
        frame = read_arff(found.path)
        named = {target, self.group, *self.drop}
        ignored = [name for name in found.ignored if name in frame and name not in named]
        notes = [*found.notes]
        if ignored:
            left = f"left out as OpenML says: {', '.join(ignored)}"
            notes.append(Fact(Done.SOURCE, left))
        roles = Roles(target, self.task, self.drop, self.group, self.missing)
        name = self.name or found.name
        return assemble(frame.drop(columns=ignored), name, roles, notes)

    def _default_target(self, found: OpenMLFile) -> str:
        if found.default_target is None or "," in found.default_target:
            raise UserError(
                f"OpenML {self.id} names {found.default_target or 'no column'} as default target; "
                "set dataset.target=COLUMN"
            )
        return found.default_target


def fetch(dataset_id: int, looked: Sequence[Path]) -> OpenMLFile:
    """The ARFF file of a set: as it lies in the cache, or else downloaded.

    Args:
        dataset_id: the set's id on OpenML.
        looked: where the file was looked for in vain before; an error repeats it.

    Raises:
        UserError: it is not in the cache and cannot be downloaded.
    """
    path = _cache_folder(dataset_id) / "dataset.arff"
    return OpenMLFile(path) if path.is_file() else describe(dataset_id, looked)


def describe(dataset_id: int, looked: Sequence[Path] = ()) -> OpenMLFile:
    """As `fetch`, with OpenML's description; a cached file is held against its checksum.

    The client of OpenML reads and caches the description. The file itself is downloaded here,
    because the client writes in place what a killed run leaves half written and then trusts it.
    """
    folder = _cache_folder(dataset_id)
    path = folder / "dataset.arff"
    had = path.is_file()
    about = _description(dataset_id, [*looked, path])
    if not had:
        _download(about.url, path, about.md5_checksum, [*looked, path])
    notes = []
    if had and about.md5_checksum not in (None, _md5(path)):
        stale = f"{path} differs from the checksum of OpenML; delete it to download it again"
        notes.append(Fact(Done.SOURCE, stale))
    ignored = [about.row_id_attribute, *_many(about.ignore_attribute)]
    return OpenMLFile(
        path,
        about.name,
        about.default_target_attribute,
        tuple(name for name in ignored if name),
        tuple(notes),
    )


def _cache_folder(dataset_id: int) -> Path:
    import openml

    return Path(openml.config.get_cache_directory()) / "datasets" / str(dataset_id)


def _description(dataset_id: int, looked: Sequence[Path]) -> Any:
    import openml
    import requests

    folder = _cache_folder(dataset_id)
    if (folder / "dataset.arff").is_file() and not (folder / "description.xml").is_file():
        # The client empties the folder of a set whose description it cannot get.
        raise UserError(
            f"{folder} has dataset.arff but no description.xml; use dataset=arff with "
            f"dataset.path={folder / 'dataset.arff'}, or remove the folder"
        )
    before = openml.config.connection_n_retries
    openml.config.connection_n_retries = min(before, _ATTEMPTS)
    try:
        return openml.datasets.get_dataset(dataset_id, download_data=False)
    except openml.exceptions.OpenMLServerException as error:
        raise UserError(f"OpenML has no set {dataset_id} to give: {error.message}") from None
    except (requests.RequestException, OSError) as error:
        raise _unreachable(dataset_id, looked, error) from None
    finally:
        openml.config.connection_n_retries = before


def _download(url: str, path: Path, checksum: str | None, looked: Sequence[Path]) -> None:
    """Download to a temporary name, with a bar on a terminal; rename once the checksum holds."""
    import requests
    from tqdm import tqdm

    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with (
            requests.get(url, stream=True, timeout=_TIMEOUT_S) as response,
            partial.open("wb") as f,
        ):
            response.raise_for_status()
            bar = tqdm(unit="B", unit_scale=True, desc=url, disable=not sys.stderr.isatty())
            with bar:
                for chunk in response.iter_content(_CHUNK):
                    f.write(chunk)
                    digest.update(chunk)
                    bar.update(len(chunk))
        if checksum is not None and digest.hexdigest() != checksum:
            raise UserError(f"{url} was damaged on its way (its checksum differs); try again")
        partial.replace(path)
    except (requests.RequestException, OSError) as error:
        raise _unreachable(int(path.parent.name), looked, error) from None
    finally:
        partial.unlink(missing_ok=True)


def _unreachable(dataset_id: int, looked: Sequence[Path], error: Exception) -> UserError:
    places = ", ".join(str(path) for path in looked)
    return UserError(
        f"OpenML {dataset_id} is not on this machine (looked for {places}) and cannot be "
        f"downloaded ({type(error).__name__}); go online once, or put the file there"
    )


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _many(value: str | list[str] | None) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return list(value or [])
