"""The tables that the predictors learn from: real rows, what is left of them, generators' rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tabsculpt.config.compose import load
from tabsculpt.engine.step import Step
from tabsculpt.jobs.graph import build_graph
from tabsculpt.jobs.job import Job
from tabsculpt.predictors import Predictor
from tabsculpt.predictors.suite import members
from tabsculpt.table import IntArray, Table, Task

REAL = "real rows"
NOISE = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
GENERATORS = ("arf", "bayesian_network", "gaussian_copula", "marginal")
SCORE = "motor_UPDRS"
"""The other score of the same visit."""
PERSON = ("age", "sex")
"""What a patient has one value of."""
KNOWN = 0.2
"""The share of the train part's rows that is held out: recordings of patients that are known."""


@dataclass(frozen=True, eq=False)
class Parts:
    """One split of the patients.

    Attributes:
        train: recordings to learn from; ``known``: other recordings of the same patients;
            ``new``: all recordings of other patients.
        suite: the quick predictors.
    """

    train: Table
    known: Table
    new: Table
    suite: dict[str, Predictor]


def parts(split: int) -> Parts:
    """Split the patients as a job does, and hold recordings of the train part out besides."""
    job = Job.of(load(["dataset=parkinson", "pipeline=real", f"split.seed={split}"]))
    done: dict[str, Any] = {}

    def fetch(step: Step[Any]) -> Any:
        if step.key not in done:
            done[step.key] = step.compute(fetch)
        return done[step.key]

    graph = build_graph(job, job.source.load(), fetch)
    both = fetch(graph.train)
    order = np.random.default_rng(split).permutation(len(both))
    cut = round(KNOWN * len(both))
    train, known = both.take(_sorted(order[cut:])), both.take(_sorted(order[:cut]))
    return Parts(train, known, fetch(graph.test), members(job.suite, Task.REGRESSION))


def tables(train: Table, split: int) -> Iterator[tuple[str, Table]]:
    """What predictors learn from, with its name."""
    rng = np.random.default_rng(split)
    features = [column.name for column in train.schema.features]
    voice = [name for name in features if name not in (SCORE, "test_time", *PERSON)]
    others = [name for name in features if name != SCORE]
    yield REAL, train
    for size in NOISE:
        yield f"real rows, features with noise of {size:g} sd", jittered(train, size, rng)
    yield "age and sex constant", constant(train, PERSON)
    yield "age, sex and test_time constant", constant(train, (*PERSON, "test_time"))
    yield "voice constant", constant(train, voice)
    yield f"all but {SCORE} constant", constant(train, others)
    yield f"all but {SCORE} shuffled", shuffled(train, others, rng)
    yield f"{SCORE} constant", constant(train, [SCORE])
    for name in GENERATORS:
        generator: Any = Job.of(load([f"generator={name}"])).generator
        yield f"rows of {name}", generator.fit(train, split, "cpu").sample(len(train), split)


def jittered(train: Table, size: float, rng: np.random.Generator) -> Table:
    """The same rows with normal noise in numeric features, of ``size`` standard deviations."""
    frame = train.frame.copy()
    for column in train.schema.features:
        if column.is_numeric:
            values = frame[column.name].astype(float)
            frame[column.name] = values + rng.normal(0, size * values.std(), len(frame))
    return replace(train, frame=frame)


def constant(train: Table, names: Collection[str]) -> Table:
    """The same rows with one value in some features, so that nothing is learnt from them."""
    frame = train.frame.copy()
    for name in names:
        frame[name] = frame[name].iloc[[0] * len(frame)].to_numpy()
    return replace(train, frame=frame.astype(train.frame.dtypes))


def shuffled(train: Table, names: Collection[str], rng: np.random.Generator) -> Table:
    """The same rows with some features drawn anew over the rows, each by itself."""
    frame = train.frame.copy()
    for name in names:
        frame[name] = frame[name].iloc[rng.permutation(len(frame))].to_numpy()
    return replace(train, frame=frame.astype(train.frame.dtypes))


def _sorted(rows: IntArray) -> IntArray:
    return np.sort(rows)
