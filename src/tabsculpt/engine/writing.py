"""How files are written: whole or not at all; and the message where one cannot be written."""

from __future__ import annotations

import errno
import os
import re
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FULL = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk quota is used up"}
PLACE = (
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR),
    *(errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP),
)
"""Error numbers that say that the place is wrong, and not that it is full or fails."""
ELSEWHERE = "choose a place that you may write to, as with paths.outputs or TABSCULPT_OUTPUTS"


class WriteError(Exception):
    """A file could not be written; one line that says what to do.

    It ends the command, and the same command goes on with what was finished.

    Attributes:
        why: what is wrong, in few words.
        code: exit code; 2 where another place is to be chosen, 1 where the disk is full or fails.
    """

    def __init__(self, message: str, why: str, code: int) -> None:
        super().__init__(message, why, code)  # all, so that it goes from process to process
        self.why, self.code = why, code

    def __str__(self) -> str:
        return str(self.args[0])

    def after(self, done: int, jobs: int) -> WriteError:
        """The same error, which also says how many jobs were done before."""
        return WriteError(f"{self}; {done} of {jobs} jobs are done", self.why, self.code)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the system's refusal to write into the error that the command line prints.

    Args:
        path: what is being written, to name it.

    Raises:
        WriteError: the system refused.
    """
    try:
        yield
    except OSError as error:
        raise unwritten(path, error.errno, error.strerror or str(error)) from error


@contextmanager
def replacing(path: Path, make_folder: bool = True) -> Iterator[Path]:
    """Give a draft to write to, which takes the place of a file in one operation at the end.

    Whoever looks meanwhile, or after the process was killed, finds the earlier file or none. What
    is there and no plain file, such as a pipe, is written to directly.

    Args:
        path: of the file.
        make_folder: whether a folder that is not there is made; False for names that people type.

    Raises:
        WriteError: see `writing`.
    """
    with writing(path):
        place = path.resolve()  # a link stays, what it names is replaced
        if place.exists() and not place.is_file():
            yield path
            return
        if make_folder:
            place.parent.mkdir(parents=True, exist_ok=True)
        place.parent.stat()  # who asks a library gets an error without a number
        name = f".{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}.part"
        draft = place.with_name(name)
        try:
            yield draft
            draft.replace(place)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def remove_drafts(folder: Path) -> None:
    """Take away what processes of this machine that were killed had begun to write in a folder.

    Raises:
        WriteError: see `writing`.
    """
    import psutil

    mine = re.compile(rf"\.{re.escape(socket.gethostname())}-(\d+)-[0-9a-f]{{8}}\.part")
    with writing(folder):
        for entry in os.scandir(folder):
            found = mine.fullmatch(entry.name)
            if found and not psutil.pid_exists(int(found[1])):
                Path(entry.path).unlink(missing_ok=True)


def unwritten(path: Path, number: int | None, why: str) -> WriteError:
    """The error for a file that could not be written.

    Args:
        path: of the file.
        number: the system's error number, None where it is not known.
        why: the system's words.
    """
    why = FULL.get(number, why) if number is not None else why
    if number in FULL:
        to_do = "make room"
    elif number in PLACE:
        to_do = f"{ELSEWHERE}, or have this one mended"
    else:
        to_do = "see to the disk"
    message = f"cannot write {str(path)!r} ({why}); {to_do} and run the same command again"
    return WriteError(message, why, 2 if number in PLACE else 1)


def error_number(error: BaseException) -> int | None:
    """The system's error number behind an error, None where there is none.

    Libraries written in Rust, such as safetensors, give it in their words alone.
    """
    if isinstance(error, OSError):
        return error.errno
    found = re.search(r"\(os error (\d+)\)", str(error))
    return int(found[1]) if found else None
