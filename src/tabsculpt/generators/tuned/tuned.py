"""Tuned: the generator, and its settings, whose rows help the job's predictors most."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Gt

from tabsculpt.errors import UserError, unknown
from tabsculpt.generators import ANY_KIND, ANY_TASK
from tabsculpt.generators.tuned.search import Method, SearchDimension, axes
from tabsculpt.table import Kind, Task

_WIDTH = [32, 512]


def _space() -> dict[str, dict[str, Any]]:
    """The published search space (Tables 3 and 4)."""
    two = [_WIDTH, _WIDTH]
    return {
        "tvae": {"embedding_dim": _WIDTH, "compress_dims": two, "decompress_dims": two},
        "ctgan": {"embedding_dim": _WIDTH, "discriminator_dim": two, "generator_dim": two},
    }


@dataclass(frozen=True)
class Tuned:
    """Searches candidates and their settings by what their rows are worth to the predictors.

    It is no generator itself, as `tabsculpt.profilers.auto.Auto` is no profiler: the steps of
    `tabsculpt.pipelines.tuning` search, and fit the candidate that they chose.

    A trial fits a candidate, adds rows drawn from it to the real train rows, trains the job's
    predictors on both and scores them on the rows that ``split.selection`` sets aside: gini for
    classes, R2 for numbers, less the score without synthetic rows. The test part is never looked
    at. Each candidate is first tried with its own settings. Every trial is a step with the one
    before it among its inputs, so that a search that was cut short goes on, and one with a larger
    budget goes on from where the smaller one ended. Any pipeline of the tool can be given it.

    The Gaussian process is scikit-learn's, which the tool needs anyway; Optuna's and BoTorch's
    would be a dependency more for the same mathematics in at most a dozen dimensions.

    Source: Ferracci, Goldmann, Hinel, Sanna Passino, "Targeted synthetic data generation for
    tabular data via hardness characterization", 2024, https://arxiv.org/abs/2410.00759, appendix
    A. Deviations: see `next_candidate` and `next_point`; rows to choose by are not those that
    results are reported on.

    Args:
        candidates: generators by name.
        space: by candidate, the settings that are searched: ``name: [low, high]``, or a list of
            such pairs for a setting that is a list; a candidate without is tried as it is.
        search: bayes (UCB1 and expected improvement) or random (the control).
        budget: number of trials.
        amount: synthetic rows that the predictors are given, as a share of the real ones.
        repeats: how often rows are drawn and predictors trained in a trial.
    """

    libraries: ClassVar[tuple[str, ...]] = ("scikit-learn", "scipy")
    least_rows: ClassVar[int] = 5
    tasks: ClassVar[tuple[Task, ...]] = ANY_TASK
    kinds: ClassVar[tuple[Kind, ...]] = ANY_KIND
    accepts_missing: ClassVar[bool] = True
    conditional: ClassVar[bool] = False
    devices: ClassVar[tuple[str, ...]] = ("cpu", "cuda")
    extra: ClassVar[str | None] = None

    candidates: dict[str, Any] = field(default_factory=dict)
    space: dict[str, dict[str, Any]] = field(default_factory=_space)
    search: Method = Method.BAYES
    budget: Annotated[int, Ge(1)] = 20
    amount: Annotated[float, Gt(0)] = 0.1
    repeats: Annotated[int, Ge(1)] = 3

    def __post_init__(self) -> None:
        if not self.candidates:
            raise UserError("generator.candidates is empty: name at least one generator")
        for name, settings in self.space.items():
            if name not in self.candidates:
                continue  # the space may know more than the candidates at hand
            known = [f.name for f in fields(self.candidates[name])]
            for setting, bounds in settings.items():
                if setting not in known:
                    raise unknown(f"setting of generator.space.{name}", setting, known)
                _check_bounds(f"generator.space.{name}.{setting}", bounds)

    def axes(self, name: str) -> list[SearchDimension]:
        """What is searched of a candidate."""
        return axes(self.space.get(name, {}))


def _check_bounds(where: str, bounds: Any) -> None:
    listed = isinstance(bounds, (list, tuple)) and len(bounds) > 0
    nested = listed and all(isinstance(pair, (list, tuple)) for pair in bounds)
    for pair in bounds if nested else [bounds]:
        numbers = isinstance(pair, (list, tuple)) and len(pair) == 2
        if not numbers or not all(isinstance(end, (int, float)) for end in pair):
            raise UserError(f"{where} is {bounds!r}; expected [low, high], or a list of such pairs")
        if not pair[0] < pair[1]:
            raise UserError(f"{where}: {pair[0]} is not below {pair[1]}")
