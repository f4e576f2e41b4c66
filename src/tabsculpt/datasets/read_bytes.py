"""The bytes of a file, unpacked where it is compressed, or of standard input."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import zipfile
import zlib
from functools import cache
from pathlib import Path

from tabsculpt.datasets.check import listed
from tabsculpt.errors import UserError

STANDARD_INPUT = "-"
"""What is given as a path to read standard input."""

PACKED = (".gz", ".bz2", ".xz", ".zip")
"""Endings of compressed files."""

_GZIP = b"\x1f\x8b"
_UNPACK = {".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress}


def read_bytes(path: Path) -> bytes:
    """Read a file; one that ends in ``.gz``, ``.bz2``, ``.xz`` or ``.zip`` is unpacked.

    Args:
        path: the file, or ``-`` for standard input.

    Raises:
        UserError: there is no such file, it is a folder, not readable or not compressed as its
            name says, or an archive holds several files.
    """
    if str(path) == STANDARD_INPUT:
        return _standard_input()
    require_file(path)
    try:
        raw = path.read_bytes()
    except PermissionError:
        raise UserError(f"{path} may not be read; change its permissions") from None
    suffix = path.suffix.lower()
    if suffix not in PACKED:
        return raw
    try:
        return _from_zip(path, raw) if suffix == ".zip" else _UNPACK[suffix](raw)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} cannot be unpacked ({error}); check that it is whole") from None


def require_file(path: Path) -> None:
    """Refuse a path that is no file.

    Raises:
        UserError: there is no such file, or it is a folder.
    """
    if path.is_dir():
        raise UserError(f"{path} is a folder; dataset.path must name a file")
    if not path.exists():
        raise UserError(f"no such file: {path}; check dataset.path")


def _from_zip(path: Path, raw: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = [
            name
            for name in archive.namelist()
            if not name.endswith("/") and not name.startswith("__MACOSX")
        ]
        if len(names) != 1:
            raise UserError(
                f"{path} holds {len(names)} files ({listed(names)}); pack the one table alone"
            )
        try:
            return archive.read(names[0])
        except RuntimeError as error:  # encrypted
            raise UserError(f"{path} cannot be unpacked ({error}); unpack it first") from None


@cache
def _standard_input() -> bytes:
    """All of it, unpacked where it is gzip; kept, as it can be read once only."""
    if sys.stdin is None or sys.stdin.isatty():
        raise UserError("dataset.path=- reads standard input, and nothing is piped in")
    raw = sys.stdin.buffer.read()
    if not raw.startswith(_GZIP):
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"standard input cannot be unpacked ({error})") from None
