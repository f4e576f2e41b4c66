"""What was typed to `generate`, sorted into settings of a job and what is asked for besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tabsculpt.datasets.write_table import check_suffix
from tabsculpt.errors import UserError
from tabsculpt.synthesis.card import card_paths

GIVEN = "given."
ROWS = "rows"


@dataclass(frozen=True)
class Asked:
    """What stands among the settings and is none of a job.

    Attributes:
        settings: those of a job, as typed.
        rows: how many rows; None for as many as the pipeline makes.
        given: values as typed, by column.
    """

    settings: list[str]
    rows: int | None
    given: dict[str, str]

    @classmethod
    def of(cls, typed: Sequence[str]) -> Asked:
        """Sort what was typed: ``rows=N``, ``given.COLUMN=VALUE``, and the rest.

        Raises:
            UserError: ``rows`` is no number, or a column is given twice.
        """
        settings: list[str] = []
        given: dict[str, str] = {}
        rows = None
        for text in typed:
            key, separator, value = text.partition("=")
            if key == ROWS and separator:
                rows = _rows(value)
            elif key.startswith(GIVEN) and separator:
                name = key.removeprefix(GIVEN)
                if name in given:
                    raise UserError(f"given.{name} is set twice; a column has one value")
                given[name] = value
            else:
                settings.append(text)
        return cls(settings, rows, given)

    def typed(self, key: str) -> bool:
        """Whether a setting was typed."""
        return any(text.lstrip("+").startswith(f"{key}=") for text in self.settings)


def check_target(path: Path, force: bool) -> None:
    """Refuse a file that cannot be written, before any work.

    Raises:
        UserError: the suffix is none that is written, the folder is not there, or the file or its
            card is there already and is not to be replaced.
    """
    check_suffix(path)
    if not path.parent.is_dir():
        raise UserError(f"--out {str(path)!r}: there is no folder {str(path.parent)!r}")
    there = [each for each in (path, *card_paths(path)) if each.exists()]
    if there and not force:
        raise UserError(f"{', '.join(map(str, there))} is there already; --force replaces it")


def _rows(value: str) -> int:
    try:
        rows = int(value.replace("_", ""))
    except ValueError:
        raise UserError(f"rows is {value!r}; expected a whole number, as in rows=1000") from None
    if rows < 1:
        raise UserError(f"rows is {rows}; expected a whole number of at least 1")
    return rows
