"""The kinds of parts that a user writes."""

KINDS = {
    "dataset": ("dataset", "run dataset={name} pipeline=real"),
    "profiler": ("profiler", "profile profiler={name}"),
    "generator": ("generator", "run generator={name} pipeline=traditional"),
    "pipeline": ("pipeline", "run pipeline={name}"),
    "predictor": ("predictors", "run predictors={name} pipeline=real"),
    "metric": ("metric", "run metric={name} pipeline=real"),
}
"""The group of each kind, and a command that uses such a part."""
