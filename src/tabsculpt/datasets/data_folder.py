"""The folder of data files that ``paths.data`` names."""

from __future__ import annotations

from pathlib import Path

from tabsculpt.errors import UserError


def on_shelf(data: str | None, relative: str) -> Path:
    """Where a file lies in the data folder.

    Args:
        data: the folder, or None where none is set.
        relative: the file below it.

    Raises:
        UserError: no folder is set, or the file is not in it.
    """
    if data is None:
        raise UserError(
            f"{relative} is read from a data folder and none is set; "
            "set paths.data=FOLDER or the environment variable TABSCULPT_DATA"
        )
    path = Path(data).expanduser() / relative
    if not path.is_file():
        raise UserError(
            f"no such file: {path}; set paths.data or the environment variable TABSCULPT_DATA "
            f"to the folder that holds {relative}"
        )
    return path
