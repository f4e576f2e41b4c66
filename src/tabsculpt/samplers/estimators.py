"""The pipelines as samplers of imbalanced-learn: ``fit_resample(X, y)``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils.multiclass import check_classification_targets

from tabsculpt.datasets.target import TaskChoice
from tabsculpt.samplers.base import ProfilingSampler, Sampler
from tabsculpt.samplers.frames import Given
from tabsculpt.samplers.resample import Resampled


class Profile2Gen(ProfilingSampler):
    """Synthetic rows from a generator per segment, without those that are hard to learn.

    The rows are profiled and cut into easy, ambiguous and hard ones; a generator learns each
    segment and makes as many rows as it has; these are profiled again and the hard ones dropped.
    The same as ``tabsculpt run pipeline=profile2gen``, and the same rows for the same rows.

    Source: Souza, Zanchettin, "Breaking the Barrier of Hard Samples: A Data-Centric Approach to
    Synthetic Data for Medical Tasks", ICML 2025, section 3.

    Args:
        generator: a name of ``tabsculpt list generators``, or an instance such as
            ``tabsculpt.generators.ctgan.tvae.PaperTVAE(epochs=100)``.
        profiler: a name of ``tabsculpt list profilers``, or an instance.
        small_segments: ``merge`` a segment too small for the generator into the nearest one, or
            sample it by ``bootstrap``.
        proportion: synthetic rows returned, as a share of the real ones, drawn at random (as in
            ``protocol=augmentation``, sampling seed 333); None for all.
        keep_real: return the real rows as well; False for synthetic ones alone
            (``protocol=tstr``).
        missing: ``keep``: missing values are seen, and generated, as such; ``impute``: they are
            filled before anything is profiled or generated. Real rows are returned with their
            gaps.
        task: ``regression``, ``binary``, ``multiclass``, or ``auto``: text, categories, booleans
            and whole numbers of at most ten different values are classes.
        random_state: of every draw; the command line's ``seed``. None for other rows each time.
        device: ``auto``, ``cpu`` or ``cuda``.

    Attributes:
        segments_: easy, ambiguous or hard, shape (n,).
        hardness_: the score of each real row, higher is harder, shape (n,).
        synthetic_, synthetic_target_: all synthetic rows that were kept, before any draw.
        dropped_, dropped_target_: the hard synthetic rows that were left out.
        origin_: the segment that each of the synthetic rows comes from.
        sampling_strategy_: synthetic rows returned, by class; empty for numbers.
        notes_: what the reader of a result should know, such as segments that were merged.
        task_: regression, binary or multiclass.

    Example:
        >>> from sklearn.datasets import load_diabetes
        >>> from tabsculpt import Profile2Gen
        >>> X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
        >>> sampler = Profile2Gen(generator="bayesian_network", proportion=0.5)
        >>> more_X, more_y = sampler.fit_resample(X, y)
        >>> len(X), len(more_X), len(sampler.synthetic_) + len(sampler.dropped_)
        (442, 663, 442)
    """

    _pipeline = "profile2gen"
    _settings = ("small_segments",)
    _groups = ("generator", "profiler")

    def __init__(
        self,
        generator: Any = "ddpm",
        profiler: Any = "dataiq",
        *,
        small_segments: str = "merge",
        proportion: float | None = None,
        keep_real: bool = True,
        missing: str = "keep",
        task: str = "auto",
        random_state: Any = 0,
        device: str = "auto",
    ) -> None:
        self.generator = generator
        self.profiler = profiler
        self.small_segments = small_segments
        self.proportion = proportion
        self.keep_real = keep_real
        self.missing = missing
        self.task = task
        self.random_state = random_state
        self.device = device

    def _remember(self, given: Given, done: Resampled) -> None:
        super()._remember(given, done)
        assert done.made.dropped is not None
        self.dropped_ = given.features(done.made.dropped)
        self.dropped_target_ = given.target(done.made.dropped)
        self.origin_ = np.array(done.made.origin.tolist())


class TargetedAugmentation(ProfilingSampler):
    """Synthetic rows from a generator that has seen the hardest rows alone.

    The same as ``tabsculpt run pipeline=targeted protocol=augmentation``, and the same rows for
    the same rows. KNN-Shapley values are cross-fitted, as no rows are set aside for them here.

    Source: Ferracci, Goldmann, Hinel, Sanna Passino, "Targeted synthetic data generation for
    tabular data via hardness characterization", 2024, https://arxiv.org/abs/2410.00759, section 3.

    Args:
        generator, profiler, keep_real, missing, task, random_state, device: as in `Profile2Gen`.
        shares: of the rows, the hardest ones that the generator learns. Of several, predictors
            choose the one whose rows help most, on a quarter of the rows that is held out.
        proportion: synthetic rows returned, as a share of the real ones; None for as many.
        predictors: who chooses among shares, a name of ``tabsculpt list predictors``.
        amount: rows added to choose among shares, as a share of the real ones.
        repeats: how often rows are drawn and predictors trained to choose.

    Attributes:
        trained_on_: number of the hardest rows that the generator learnt.
        hardness_, segments_, synthetic_, synthetic_target_, sampling_strategy_, notes_, task_: as
            in `Profile2Gen`.

    Example:
        >>> from sklearn.datasets import load_breast_cancer
        >>> from tabsculpt import TargetedAugmentation
        >>> X, y = load_breast_cancer(return_X_y=True)
        >>> sampler = TargetedAugmentation(generator="bayesian_network", shares=[0.2])
        >>> more_X, more_y = sampler.fit_resample(X, y)
        >>> more_X.shape, sampler.trained_on_
        ((626, 30), 114)
    """

    _pipeline = "targeted"
    _settings = ("shares", "amount", "repeats")
    _groups = ("generator", "profiler", "predictors")

    def __init__(
        self,
        generator: Any = "ddpm",
        profiler: Any = "knn_shapley",
        *,
        shares: Sequence[float] = (0.1,),
        proportion: float | None = 0.1,
        keep_real: bool = True,
        predictors: str = "quick",
        amount: float = 0.1,
        repeats: int = 3,
        missing: str = "keep",
        task: str = "auto",
        random_state: Any = 0,
        device: str = "auto",
    ) -> None:
        self.generator = generator
        self.profiler = profiler
        self.shares = shares
        self.proportion = proportion
        self.keep_real = keep_real
        self.predictors = predictors
        self.amount = amount
        self.repeats = repeats
        self.missing = missing
        self.task = task
        self.random_state = random_state
        self.device = device

    def _remember(self, given: Given, done: Resampled) -> None:
        super()._remember(given, done)
        [self.trained_on_] = done.made.trained_on.values()


class Upsampler(Sampler):
    """Synthetic rows of the rare classes, until they are as many as the most frequent one's.

    The same as ``tabsculpt run pipeline=upsample``, and the same rows for the same rows. The
    generator learns all rows, so that a rare class may borrow from a frequent one.

    Source: Krchova, Platzer, Tiwald, "Improving Predictions on Highly Unbalanced Data Using Open
    Source Synthetic Data Upsampling", 2025, https://arxiv.org/abs/2507.16419

    Args:
        generator, missing, random_state, device: as in `Profile2Gen`.
        ratio: rows of a class, real and synthetic, for each of the most frequent one; 1 is 50:50.
        conditional: ask the generator for the class; False: sample at large and keep the rows of
            the class; None: ask where the generator can be asked.
        most_draws: rows drawn at most for each row to add, where they are sampled at large.

    Attributes:
        synthetic_, synthetic_target_, sampling_strategy_, notes_, task_: as in `Profile2Gen`.

    Example:
        >>> from sklearn.datasets import load_breast_cancer
        >>> from tabsculpt import Upsampler
        >>> X, y = load_breast_cancer(return_X_y=True, as_frame=True)
        >>> more_X, more_y = Upsampler(generator="arf").fit_resample(X, y)
        >>> y.value_counts().tolist(), more_y.value_counts().tolist()
        ([357, 212], [357, 357])
    """

    _pipeline = "upsample"
    _settings = ("ratio", "conditional", "most_draws")

    def __init__(
        self,
        generator: Any = "arf",
        *,
        ratio: float = 1.0,
        conditional: bool | None = None,
        most_draws: float = 200.0,
        missing: str = "keep",
        random_state: Any = 0,
        device: str = "auto",
    ) -> None:
        self.generator = generator
        self.ratio = ratio
        self.conditional = conditional
        self.most_draws = most_draws
        self.missing = missing
        self.random_state = random_state
        self.device = device

    def _task(self, target: Any) -> str:
        check_classification_targets(target)
        return TaskChoice.BINARY if len(np.unique(target)) == 2 else TaskChoice.MULTICLASS
