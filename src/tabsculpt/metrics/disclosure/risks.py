"""All risks of disclosure of one synthetic table."""

from __future__ import annotations

import numpy as np

from tabsculpt.engine.seeds import derive_seed
from tabsculpt.metrics.disclosure.linkage import Attack, inference_risks, linkability_risk
from tabsculpt.metrics.disclosure.risk import NO_RISK, Risk
from tabsculpt.metrics.disclosure.singling_out import multivariate_risk, univariate_risk
from tabsculpt.metrics.disclosure.values import Values
from tabsculpt.table import Table

MOST_ATTACKED = 500
"""Rows of train, and as many of test, whose halves are linked and values guessed."""
MOST_SYNTHETIC = 2000
"""Synthetic rows that they are compared with."""
LEAST_ROWS = 20
"""Of train and of test, below which nothing is attacked."""

RISKS = ("singling_out", "singling_out_multivariate", "linkability", "inference")


def disclosure_risks(
    train: Table, test: Table, synthetic: Table, seed: int
) -> dict[tuple[str, str | None], Risk]:
    """How much synthetic rows help to single out, link and infer what train holds.

    No attack that fails proves that none would succeed: these know the synthetic rows alone, one
    neighbour, and predicates of one or three columns.

    Args:
        train: the rows that the generator learnt from.
        test: rows of the same distribution that it never saw.
        synthetic: what the attacker has, at least one row.
        seed: of every draw.

    Returns:
        By attack (`RISKS`) and column: None for the whole table; ``inference`` has one of each
        column besides.
    """
    columns = [column.name for column in train.schema.columns]
    names = [(name, None) for name in RISKS] + [("inference", name) for name in columns]
    if min(len(train), len(test)) < LEAST_ROWS:
        return dict.fromkeys(names, NO_RISK)
    rng = np.random.default_rng(derive_seed(seed, "rows"))
    inside, outside, made = (Values.of(table) for table in (train, test, synthetic))
    size = min(len(train), len(test), MOST_ATTACKED)
    drawn = made.some(MOST_SYNTHETIC, rng)
    attack = Attack.of(inside.some(size, rng), outside.some(size, rng), drawn)
    inference, each, linkability = NO_RISK, [NO_RISK] * len(columns), NO_RISK
    if len(columns) > 1:
        inference, each = inference_risks(attack)
        linkability = linkability_risk(attack, derive_seed(seed, "halves"))
    return {
        ("singling_out", None): univariate_risk(
            inside, outside, made, derive_seed(seed, "univariate")
        ),
        ("singling_out_multivariate", None): multivariate_risk(
            inside, outside, made, derive_seed(seed, "multivariate")
        ),
        ("linkability", None): linkability,
        ("inference", None): inference,
        **{("inference", name): risk for name, risk in zip(columns, each, strict=True)},
    }
