"""What each column of the results is to the analysis; a new one of `Row` has to be placed here."""

CONTEXT = ("dataset", "data", "task", "predictors", "evaluation", "device")
"""What arms must share to be compared: other data, predictors or test rows are another question."""
MAKING = ("generator", "generator_settings", "protocol", "protocol_settings")
"""What synthetic arms must share besides."""
STEP = ("proportion", "round")
"""The step of a protocol that has several; arms are compared within each."""
PROFILING = ("profiler", "profiler_settings")
"""What arms with a profiler must share besides; those without stand beside each."""
ARM = ("pipeline", "pipeline_settings")
"""What is compared."""
SPLIT = ("split_seed", "fold")
RUN = (*SPLIT, "seed")
"""What the real baseline shares with synthetic arms: they were tested on the same rows."""
UNIT = ("predictor", *RUN, "sample_seed")
"""What pairs the values of two arms."""
MEASURED = ("metric", "value", "direction", "status", "phase", "reason")
FOLLOWS = {"minority": "evaluation", "threshold": "profiler_settings"}
"""What another column says too, by that column."""
DESCRIBES = (
    "job", "started", "ended", "n_train", "n_test", "n_synthetic", "n_dropped", "segments",
    "seconds", "cpu_seconds", "peak_mb", "experiment", "notes", "keys", "versions",
)  # fmt: skip
"""What tells nothing apart that was asked for."""

GROUP = (*CONTEXT, *MAKING, *PROFILING)
"""What tells groups apart: a figure or a table holds these fixed."""
CELL = (*GROUP, *STEP)
"""What tells cells apart: arms are compared within one, over its units."""
UNPAIRED = ("hardness", "removal")
"""Protocols without arms: they compare profilers."""
HEADLINE = {"regression": "rmse", "binary": "auc_roc", "multiclass": "auc_roc"}
"""The metric that a task is judged by."""
HEADLINES = tuple(dict.fromkeys(HEADLINE.values()))
CONTROLS = ("random_drop", "random_subset")
"""Pipelines that nobody chooses: they show what another one owes to chance."""
RIVALS = ("weighted", "threshold", "oversample", "undersample", "regularised", "mixup")
"""Pipelines that train otherwise on real rows alone, in the order in which they are listed."""
ORDER = (
    "real", "traditional", "preprocess", "profile2gen", "postprocess", "random_drop", *RIVALS
)  # fmt: skip
"""Pipelines as they are always listed; others come after, by name."""


def arms_in_order(arms: object) -> list[str]:
    """Arms as they are always listed: the baseline first, then the pipelines."""

    def place(arm: str) -> tuple[int, str]:
        pipeline = arm.split(" ")[0]
        return (ORDER.index(pipeline) if pipeline in ORDER else len(ORDER), arm)

    return sorted(set(arms), key=place)  # type: ignore[call-overload]
