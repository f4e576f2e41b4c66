"""Real rows whose notes have some words swapped and some left out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.generators import ANY_TASK, WITH_TEXT, Given
from tabsculpt.generators.bootstrap import FittedBootstrap
from tabsculpt.generators.requirements import check_given, check_table, refuse_text
from tabsculpt.generators.settings import check_shares
from tabsculpt.notes import Code, Note
from tabsculpt.table import Kind, Table, Task
from tabsculpt.table.files import read_table


@dataclass(frozen=True, eq=False)
class FittedEDA:
    """The training rows, ready to be drawn from and to have their texts disturbed.

    Attributes:
        rows: what is drawn from.
        swap: pairs of words that change places, as a share of the words.
        delete: probability of a word to be left out.
    """

    rows: FittedBootstrap
    swap: float
    delete: float

    @property
    def notes(self) -> tuple[Note, ...]:
        text = "eda copies real rows and disturbs their text: such rows are as private as the data"
        return (
            Note(Code.NOT_PRIVATE, text, columns=dict.fromkeys(self.rows.table.schema.texts, 0)),
        )

    def sample(self, n: int, seed: int, given: Given | None = None) -> Table:
        """Draw ``n`` rows with replacement and disturb their texts.

        Raises:
            UserError: no row has the given values, or a text is given.
        """
        schema = self.rows.table.schema
        check_given(given or {}, schema)
        refuse_text("eda", given or {}, schema)
        drawn = self.rows.sample(n, seed, given)
        rng = np.random.default_rng(derive_seed("words", seed))
        changed = {
            name: drawn.frame[name].map(lambda text: self._disturb(text, rng), na_action="ignore")
            for name in schema.texts
        }
        return Table(drawn.frame.assign(**changed).astype(drawn.frame.dtypes), schema)

    def _disturb(self, text: str, rng: np.random.Generator) -> str:
        words: list[Any] = text.split()
        if len(words) < 2:
            return text
        for _ in range(max(1, round(self.swap * len(words))) if self.swap else 0):
            a, b = rng.integers(len(words), size=2)
            words[a], words[b] = words[b], words[a]
        left = rng.random(len(words)) >= self.delete
        if not left.any():
            left[rng.integers(len(words))] = True
        return " ".join(word for word, stays in zip(words, left, strict=True) if stays)

    def save(self, folder: Path) -> None:
        """Write the rows as parquet and their schema as JSON into an existing folder."""
        self.rows.save(folder)


@dataclass(frozen=True)
class EDA:
    """Draws real rows, swaps some words of their notes and leaves some out.

    The cheap baseline of whatever writes text. All other columns stay as they are. Of the four
    operations of the source the two that need synonyms (replacement, insertion) are left out, as
    they need a thesaurus of the language; the other two are both done to every text, where the
    source does one of four.

    Source: J. Wei and K. Zou, "EDA: Easy data augmentation techniques for boosting performance on
    text classification tasks", 2019, section 2, https://arxiv.org/abs/1901.11196

    Attributes:
        swap: pairs of words that change places, as a share of the words; one at least, unless 0.
        delete: probability of a word to be left out, in [0, 1).
    """

    libraries: ClassVar[tuple[str, ...]] = ()
    least_rows: ClassVar[int] = 1
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = WITH_TEXT
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = True
    writes_text: ClassVar[bool] = True
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = None

    swap: float = 0.1
    delete: float = 0.1

    def __post_init__(self) -> None:
        check_shares("eda", swap=self.swap, delete=self.delete)

    def fit(self, table: Table, seed: int, device: str) -> FittedEDA:
        """Keep the rows, without their groups; neither seed nor device makes a difference.

        Raises:
            TooFewRowsError: the table is empty.
            UserError: no column of text.
        """
        check_table("eda", self, table)
        rows = FittedBootstrap(Table(table.frame, table.schema))
        return FittedEDA(rows, self.swap, self.delete)

    def load(self, folder: Path) -> FittedEDA:
        """Read what `FittedEDA.save` wrote."""
        return FittedEDA(FittedBootstrap(read_table(folder)), self.swap, self.delete)
