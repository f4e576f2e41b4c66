"""The synthesizers of the Synthetic Data Vault, at its own defaults."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from annotated_types import Ge

from tabsculpt.engine.seeds import derive_seed, seeded_globals
from tabsculpt.extras import require
from tabsculpt.generators import ANY_KIND, ANY_TASK
from tabsculpt.generators.bootstrap import Bootstrap, FittedBootstrap
from tabsculpt.generators.requirements import check_table
from tabsculpt.generators.sdv.pool import FittedPool
from tabsculpt.notes import Code, Note
from tabsculpt.table import Column, Kind, Table, Task, conform
from tabsculpt.table.files import read_table

_TABLE = "rows"
_LEAST_POOL = 1000
_MOST_POOL = 100_000

_SDTYPES = {
    Kind.CONTINUOUS: "numerical",
    Kind.INTEGER: "numerical",
    Kind.BOOLEAN: "boolean",
    Kind.CATEGORICAL: "categorical",
}


class Synthesizer(StrEnum):
    """A model of the package, by the name of its class."""

    GAUSSIAN_COPULA = "gaussian_copula"
    CTGAN = "ctgan"
    TVAE = "tvae"
    COPULAGAN = "copulagan"


_CLASSES = {
    Synthesizer.GAUSSIAN_COPULA: "GaussianCopulaSynthesizer",
    Synthesizer.CTGAN: "CTGANSynthesizer",
    Synthesizer.TVAE: "TVAESynthesizer",
    Synthesizer.COPULAGAN: "CopulaGANSynthesizer",
}


@dataclass(frozen=True)
class SDV:
    """Fits a synthesizer of the package ``sdv`` as the package would, and keeps rows that it made.

    The baseline that most people know: transformers, widths, epochs and batches are the package's
    own. A fitted synthesizer can be stored only as a pickle, which nothing here reads back; in
    its place a pool of made rows is, and samples are drawn from that, none twice before every other
    has come once. The result says how large it is. Columns are named by their places, so that no
    name is taken for an address or a phone number; columns of one value are left out and put back;
    global random state, warnings and logging are fenced off. What is not: the package puts a file
    of its own settings for logging into the user's data folder when it is first imported.

    Source: N. Patki, R. Wedge, K. Veeramachaneni, "The Synthetic Data Vault", 2016,
    https://doi.org/10.1109/DSAA.2016.49; L. Xu et al., "Modeling tabular data using conditional
    GAN", 2019, https://arxiv.org/abs/1907.00503

    Cost: a few seconds for the copula; networks train 300 epochs, a minute for a thousand rows.

    Args:
        synthesizer: gaussian_copula, ctgan, tvae or copulagan.
        epochs: of the networks; None for the copula, which has none, and for the package's 300.
        pool: rows that are made and kept; None for ten times the training rows, 1,000 to 100,000.
    """

    libraries: ClassVar[tuple[str, ...]] = ("sdv", "copulas", "ctgan", "rdt", "torch")
    least_rows: ClassVar[int] = 5
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = False
    devices: ClassVar[tuple[str, ...]] = ("cpu",)
    extra: ClassVar[str | None] = "sdv"

    synthesizer: Synthesizer = Synthesizer.GAUSSIAN_COPULA
    epochs: Annotated[int, Ge(1)] | None = None
    pool: Annotated[int, Ge(1)] | None = None

    def fit(self, table: Table, seed: int, device: str) -> FittedPool | FittedBootstrap:
        """Train on the CPU, whatever the device; rows that are all the same are repeated.

        Raises:
            TooFewRowsError: fewer than ``least_rows`` rows.
            UserError: the extra is not installed.
        """
        name = f"sdv_{self.synthesizer}"
        check_table(name, self, table)
        require("sdv", "sdv", name)
        varied = [c for c in table.schema.columns if table.frame[c.name].nunique(dropna=False) > 1]
        if not varied:
            return Bootstrap().fit(table, seed, device)
        size = self.pool or int(np.clip(10 * len(table), _LEAST_POOL, _MOST_POOL))
        with _fenced(derive_seed("train", seed)):
            model = self._model(varied)
            model.fit({_TABLE: _plain(table, varied)})
            # Without a seed of its own every sample of a synthesizer is the same.
            model._set_random_state(derive_seed("pool", seed))
            made = model.sample(size)[_TABLE]
        text = f"{name}: rows are drawn from {size:,} that were made when it was fitted"
        return FittedPool(_back(made, table, varied), (Note(Code.ROWS_POOLED, text, size),))

    def load(self, folder: Path) -> FittedPool:
        """Read what `FittedPool.save` wrote."""
        return FittedPool(read_table(folder))

    def _model(self, columns: list[Column]) -> Any:
        from sdv import single_table
        from sdv.metadata import Metadata

        kinds = {f"c{k}": {"sdtype": _SDTYPES[column.kind]} for k, column in enumerate(columns)}
        metadata = Metadata.load_from_dict({"tables": {_TABLE: {"columns": kinds}}})
        settings: dict[str, Any] = {}
        if self.synthesizer != Synthesizer.GAUSSIAN_COPULA:
            settings = {"enable_gpu": False, **({"epochs": self.epochs} if self.epochs else {})}
        return getattr(single_table, _CLASSES[self.synthesizer])(metadata, **settings)


def _plain(table: Table, columns: list[Column]) -> pd.DataFrame:
    """The columns with the dtypes that the package knows."""
    return pd.DataFrame(
        {f"c{k}": _plain_column(table.frame[c.name], c) for k, c in enumerate(columns)}
    )


def _plain_column(values: pd.Series, column: Column) -> pd.Series:
    if column.kind is Kind.INTEGER and not values.isna().any():
        return values.astype(np.int64)
    if column.is_numeric:
        return values.astype("Float64").astype(np.float64)
    return values.astype(object).where(values.notna(), None)


def _back(made: pd.DataFrame, table: Table, columns: list[Column]) -> Table:
    """The made rows with the training table's schema, and within its ranges."""
    same = table.frame.iloc[np.zeros(len(made), dtype=np.int64)].reset_index(drop=True)
    parts = {}
    for k, column in enumerate(columns):
        values = made[f"c{k}"].reset_index(drop=True)
        if column.is_numeric:
            known = table.frame[column.name]
            values = values.clip(known.min(), known.max())
        parts[column.name] = values
    return conform(same.assign(**parts), table.schema)


@contextmanager
def _fenced(seed: int) -> Iterator[None]:
    """Seed what the package draws from, and keep it from warning, showing bars and logging."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with seeded_globals(seed, uses_torch=True), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
