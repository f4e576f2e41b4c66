"""The rows of the study, kept in a form small enough to commit."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import yaml

from tabsculpt.papers.profile2gen.kept import COLUMNS, FOLDERS
from tabsculpt.results import read_rows, schema

CONF = Path(__file__).parents[2] / "conf" / "experiment" / "small_samples.yaml"
METRICS = ("auc_roc", "rmse", "macro_f1", "ece", "calibration_slope")


def design() -> dict[str, list[str]]:
    """The values of each setting that the experiment crosses."""
    params = yaml.safe_load(CONF.read_text(encoding="utf-8"))["hydra"]["sweeper"]["params"]
    return {name: str(values).split(",") for name, values in params.items()}


def keep(outputs: Path, folder: Path) -> int:
    """Write the rows of the experiment that some results have; gives their number."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    crossed, rows = design(), read_rows(outputs / "results")
    mine = rows.dataset.isin(crossed["dataset"])
    mine &= rows.evaluation.str.extract(r"n_train=(\d+)")[0].isin(crossed["split.n_train"])
    mine &= rows.generator.isin([*crossed["generator"], "none"])
    mine &= rows.pipeline.isin([*crossed["pipeline"], "real"]) & (rows.predictors == "quick")
    mine &= rows.metric.isin(METRICS) | (rows.status != "ok")
    known = rows[mine].assign(
        reason=rows.reason.map(lambda phrase: FOLDERS.sub("", phrase), "ignore")
    )
    order = ["dataset", "evaluation", "pipeline", "generator", "split_seed", "predictor", "metric"]
    known = known.assign(notes="").sort_values(order)
    names = dict.fromkeys([*COLUMNS, "experiment", "cpu_seconds_generate"])
    columns = pa.schema([schema().field(name) for name in names])
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(known[list(names)], schema=columns, preserve_index=False)
    pq.write_table(table, folder / "rows.parquet", compression="zstd")
    return len(known)


def kept(folder: Path) -> pd.DataFrame:
    """What `keep` wrote, as result rows."""
    return read_rows(folder)


def whole(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of combinations that have run on every draw: few draws would stand out by chance."""
    draws = len(design()["split.seed"])
    where = ["dataset", "evaluation", "pipeline", "generator"]
    return rows[rows.groupby(where).split_seed.transform("nunique") == draws]
