"""The papers whose figures are at hand, and these figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tabsculpt.errors import unknown

FOLDER = Path(__file__).parent / "published"
TEXT = ("place", "metric", "dataset", "where", "first", "second", "unit", "printed", "doubt")


@dataclass(frozen=True)
class Paper:
    """A table, or what else is set beside results, of a paper.

    Attributes:
        name: on the command line.
        title, authors, year, url: of the paper; None where they are not known.
        place: of the figures in the paper.
        about: what is run, in a few words.
        experiment: that runs it.
        arms: columns of the results that name what is compared.
        metrics: that are shown.
        ordered: arms whose order the printed levels are read for: one of them against all others,
            or several against each other.
        differs: what is not as in the paper, a sentence each.
        unread: what the paper prints and is not set beside anything, and why.
        why: what explains that figures differ, as far as its text, its code or rows show it.
        figures_of: the name whose figures are read, where another experiment is of the same table.
    """

    name: str
    title: str
    authors: str | None
    year: int | None
    url: str | None
    place: str
    about: str
    experiment: str
    arms: tuple[str, ...]
    metrics: tuple[str, ...]
    ordered: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    figures_of: str | None = None

    @property
    def file(self) -> Path:
        """Its figures."""
        return FOLDER / f"{self.figures_of or self.name}.csv"

    @property
    def cited(self) -> str:
        """In one line."""
        year = None if self.year is None else str(self.year)
        return ", ".join(filter(None, [self.authors, f'"{self.title}"', year, self.url]))

    def figures(self) -> pd.DataFrame:
        """What it prints, a figure a row.

        Returns:
            Columns: ``place`` in the paper; ``metric``; ``dataset``, by our name where it is one of
            ours, empty where every data set is meant; ``where``, other columns that are held fixed,
            as ``proportion=0.1``; ``first`` and ``second``, arms as `tabsculpt.papers.arms` names
            them; ``unit``: level (of first, nothing is second), difference (of first less second,
            in the metric's unit), percent (by which first is better), better, equal and worse
            (said in words); ``value``, NaN of words; ``printed``, the text; ``doubt``, what speaks
            against the reading.
        """
        text = pd.read_csv(self.file, dtype=str, keep_default_na=False)
        value = pd.to_numeric(text["value"])
        return text[list(TEXT)].assign(value=value)


def names() -> list[str]:
    """Of all papers."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def read_paper(name: str) -> Paper:
    """The paper of a name.

    Raises:
        UserError: there is none.
    """
    import yaml

    if name not in names():
        raise unknown("paper", name, names())
    record: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    tuples = {key: tuple(value) for key, value in record.items() if isinstance(value, list)}
    return Paper(name=name, **{**record, **tuples})
