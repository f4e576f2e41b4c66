"""What the card of a synthetic table says of its quality, each value beside a reference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tabsculpt.engine.runner import Runner
from tabsculpt.engine.seeds import derive_seed
from tabsculpt.engine.step import StepError
from tabsculpt.metrics.measurement import Measurement
from tabsculpt.metrics.quality import measure_values
from tabsculpt.table import Table

FIDELITY, DIVERSITY, PRIVACY = "fidelity", "diversity", "privacy"


@dataclass(frozen=True)
class Label:
    """A metric in words: which family it is of, and what its values mean."""

    family: str
    words: str


CARD_METRICS = {
    "marginal": Label(FIDELITY, "mean distance of the single columns to the real ones; 0 is none"),
    "correlation": Label(FIDELITY, "mean difference of the correlations of numbers; 0 is none"),
    "association": Label(FIDELITY, "mean difference of the associations of categories; 0 is none"),
    "detection_auc": Label(
        FIDELITY, "how well a classifier tells synthetic from real rows; 0.5 is not at all"
    ),
    "discriminative_score": Label(
        FIDELITY, "how far a recurrent net that tells synthetic from real windows is from a guess; "
        "0 is not at all"
    ),
    "predictive_score": Label(
        FIDELITY, "error of the next step of real windows, learnt from synthetic ones, in standard "
        "deviations; beside it, learnt from real ones"
    ),
    "precision": Label(FIDELITY, "share of synthetic rows that lie among real ones"),
    "recall": Label(DIVERSITY, "share of real rows that lie among synthetic ones"),
    "coverage": Label(DIVERSITY, "share of real rows with a synthetic one near"),
    "entropy_gap": Label(DIVERSITY, "mean difference of the entropy of categories; 0 is none"),
    "rare_categories_5": Label(DIVERSITY, "share of the rare categories (under 5 %) that are kept"),
    "exact_copies": Label(PRIVACY, "share of synthetic rows equal to a row learnt from"),
    "authenticity": Label(PRIVACY, "share of rows learnt from that no synthetic row hugs"),
    "closer_to_train": Label(
        PRIVACY, "how often a synthetic row is nearer to rows learnt from than to others; 0.5 is "
        "no more than chance, 1 what copies have"
    ),
    "membership_auc": Label(
        PRIVACY, "how well an attacker tells who was among the rows learnt from; 0.5 is a guess"
    ),
    "membership_shadow": Label(
        PRIVACY, "the same with a trained attack; 0.5 is a guess"
    ),
    "singling_out": Label(
        PRIVACY, "risk that a statement on one column is true of one person alone, beyond chance; "
        "0 is none, 1 all"
    ),
    "singling_out_multivariate": Label(PRIVACY, "the same for statements on three columns"),
    "linkability": Label(
        PRIVACY, "risk that two halves of a person's record are found to belong together; 0 is none"
    ),
    "inference": Label(
        PRIVACY, "risk that a person's value is guessed from all the others; 0 is none"
    ),
}  # fmt: skip
TEXT_METRICS = {
    "text_perplexity": Label(
        FIDELITY, "how unusual its word sequences are to a model of real texts; lower is more usual"
    ),
    "text_distinct_2": Label(DIVERSITY, "share of different ones among its pairs of words"),
    "text_self_bleu": Label(DIVERSITY, "how alike texts are among themselves; 1 is all the same"),
    "text_copied_run": Label(
        PRIVACY, "words in a row that a text shares with one learnt from, at most; the mean"
    ),
    "text_copies": Label(PRIVACY, "share of texts that were learnt from word for word"),
}
"""Of each column of text, by `tabsculpt.metrics.texts`."""
OF_FILE = ("marginal", "correlation", "association", "entropy_gap", "rare_categories_5",
           "exact_copies")  # fmt: skip
"""What is measured of the file itself; the rest needs rows that the generator has not seen."""


def of_file(real: Table, synthetic: Table, seed: int) -> list[dict[str, Any]]:
    """The file against the rows that it was learnt from, a bootstrap of these as the reference.

    Args:
        real: the rows learnt from.
        synthetic: every row of the file.
        seed: of the bootstrap.
    """
    rng = np.random.default_rng(derive_seed(seed, "bootstrap"))
    again = real.take(rng.integers(len(real), size=len(real)))
    found = _records(measure_values(real, again, synthetic), OF_FILE)
    return [r if r["metric"] != "exact_copies" else {**r, "reference": None} for r in found]


def held_out(step: Any, runner: Runner) -> tuple[list[dict[str, Any]], str]:
    """The same configuration fitted on the train part, against test rows that it has not seen.

    Args:
        step: the `MeasureQuality` of a job with this configuration.
        runner: gets its result, which a job may have left in the store.

    Returns:
        The records, and why there are none.
    """
    try:
        found = runner.result(step)
        return [*_records(found, CARD_METRICS), *_of_texts(found)], ""
    except StepError as error:
        return [], f"not measured on held-out rows: {' '.join(str(error.cause).split())}"


def _records(found: Iterable[Measurement], names: Iterable[str]) -> list[dict[str, Any]]:
    whole = {one.metric: one for one in found if one.column is None}
    return [
        {
            "family": CARD_METRICS[name].family,
            **_record(whole[name]),
            "words": CARD_METRICS[name].words,
        }
        for name in names
        if name in whole
    ]


def _of_texts(found: Iterable[Measurement]) -> list[dict[str, Any]]:
    return [
        {
            "family": TEXT_METRICS[one.metric].family,
            **_record(one),
            "metric": f"{one.metric} ({one.column})",
            "words": TEXT_METRICS[one.metric].words,
        }
        for one in found
        if one.metric in TEXT_METRICS
    ]


def _record(found: Measurement) -> dict[str, Any]:
    return {name: value for name, value in asdict(found).items() if name != "column"}
