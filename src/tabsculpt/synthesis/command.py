"""Generation as a command: from settings to a file and its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from tabsculpt.config.compose import load
from tabsculpt.datasets import Dataset
from tabsculpt.datasets import load as load_dataset
from tabsculpt.datasets.split import Splitting
from tabsculpt.datasets.split_steps import Rows, SplitPart
from tabsculpt.datasets.write_table import write_table
from tabsculpt.engine.runner import Runner
from tabsculpt.engine.step import Step
from tabsculpt.engine.store import Store
from tabsculpt.engine.writing import writing
from tabsculpt.errors import UserError
from tabsculpt.jobs.graph import data_fingerprint, graph_from_parts, split_parts
from tabsculpt.jobs.job import Job
from tabsculpt.launch.display import watching
from tabsculpt.launch.logs import one_failure
from tabsculpt.launch.messages import log_file
from tabsculpt.launch.refusals import check_writable
from tabsculpt.pipelines import adds_to_real
from tabsculpt.synthesis import quality
from tabsculpt.synthesis.card import Facts, card_paths, make_card, write_card
from tabsculpt.synthesis.card_text import card_text
from tabsculpt.synthesis.form import form_of, formed, inside
from tabsculpt.synthesis.request import Asked, check_target
from tabsculpt.synthesis.rows import Made, RowRequest, check_request, make_rows, parse_given
from tabsculpt.table import Table


@dataclass(frozen=True)
class Options:
    """How the file is made.

    Attributes:
        path: of the file.
        train_only: learn from the train part of the split alone.
        append_real: real rows come first.
        guard: apostrophes before texts that a spreadsheet takes for formulas.
        force: replace what is there.
    """

    path: Path
    train_only: bool = False
    append_real: bool = False
    guard: bool = False
    force: bool = False


def generate_file(
    typed: Sequence[str], options: Options, config_dir: Path | None, console: Console
) -> dict[str, Any]:
    """Make a synthetic table and write it with its card.

    Args:
        typed: settings of a job, ``rows=N`` and ``given.COLUMN=VALUE``.
        options: how the file is made.
        config_dir: the user's own configuration files.
        console: for progress.

    Returns:
        The card.

    Raises:
        UserError: a setting is wrong, the data are unusable, the file is there already, or no row
            has the given values.
        FailureError: a step failed.
        WriteError: a file cannot be written.
    """
    asked = Asked.of(typed)
    check_target(options.path, options.force)
    pipeline = [] if asked.typed("pipeline") else ["pipeline=traditional"]
    job = Job.of(load([*asked.settings, *pipeline, "protocol=tstr"], config_dir))
    dataset = load_dataset(job.source)
    job = job.on_its_device(len(dataset.table))
    if not asked.typed("dataset.missing"):
        job = keeping_gaps(job, dataset)
    return write_synthetic(job, dataset, asked, options, console)


def write_synthetic(
    job: Job, dataset: Dataset, asked: Asked, options: Options, console: Console
) -> dict[str, Any]:
    """The same for a job and its data set; arguments and errors as `generate_file`."""
    schema = dataset.table.schema
    given = parse_given(inside(dataset, asked.given), schema)
    request = RowRequest(asked.rows, given)
    check_request(job, schema, request)
    if why := job.impossible(dataset):
        raise UserError(why)
    check_writable(job.outputs)
    log = log_file(job.outputs, f"generate-{job.names['generator']}")
    title = f"{dataset.name} {job.names['generator']} {job.names['pipeline']}"
    with one_failure(log), watching(console, title) as on_step:
        runner = Runner(Store(job.outputs / "store"), on_step)
        real = real_rows(job, dataset, options.train_only, runner)
        made = make_rows(job, real, request, runner)
        learnt = runner.result(real)
        facts = _written(job, dataset, request, made, learnt, options, runner)
    card = make_card(facts)
    write_card(card, card_text(card), options.path)
    _tell(card, options.path, console)
    return card


def keeping_gaps(job: Job, dataset: Dataset) -> Job:
    """The job with missing values learnt as such, where the generator can."""
    can = getattr(type(job.generator), "accepts_missing", False)
    settable = any(field.name == "missing" for field in fields(job.source))  # type: ignore[arg-type]
    has_gaps = bool(dataset.table.features.isna().to_numpy().any())
    if not (can and settable and has_gaps):
        return job
    source: Any = job.source
    return replace(job, source=replace(source, missing="keep"))


def real_rows(job: Job, dataset: Dataset, train_only: bool, runner: Runner) -> Step[Table]:
    """The rows that are learnt from: all, or the train part as a job of this split has it."""
    if train_only:
        return split_parts(job, dataset, runner.result)[0]
    data = data_fingerprint(dataset)
    part = SplitPart(data, "all", job.source.missing, Splitting(0.0, 0), dataset)
    return Rows.of("train", runner.result(part), part)


def _written(
    job: Job,
    dataset: Dataset,
    request: RowRequest,
    made: Made,
    learnt: Table,
    options: Options,
    runner: Runner,
) -> Facts:
    if not len(made.table):
        why = "; ".join(map(str, made.notes)) or "the pipeline made none"
        raise UserError(f"no row was made: {why}")
    plain = not (request.given or adds_to_real(job.pipeline))
    of_file = quality.of_file(learnt, made.table, job.seed) if plain else []
    unseen = _held_out(job, dataset, runner)
    seed = job.seed
    file = formed(dataset, made.table, options.path, seed, options.append_real, options.guard)
    with writing(options.path):
        write_table(file.frame, options.path, form_of(dataset))
    return Facts(job, dataset, learnt, request, made, file, options.path, of_file, unseen)


def _held_out(job: Job, dataset: Dataset, runner: Runner) -> tuple[list[dict[str, Any]], str]:
    """The quality that a job with this configuration has, which it may have left in the store."""
    try:
        parts = split_parts(job, dataset, runner.result)
    except Exception as error:
        cause = getattr(error, "cause", error)
        if not isinstance(cause, UserError):
            raise
        return [], f"not measured on held-out rows: {cause}"
    graph = graph_from_parts(job, dataset.table.schema, *parts)
    assert graph.pipeline_steps is not None
    return quality.held_out(graph.quality[graph.pipeline_steps.synthetic.key], runner)


def _tell(card: dict[str, Any], path: Path, console: Console) -> None:
    file, source = card["file"], card["source"]
    real = f", after {file['real_rows']:,} real ones" if file["real_rows"] else ""
    console.print(
        f"{file['synthetic_rows']:,} synthetic rows{real} in {escape(str(path))}, "
        f"learnt from {source['rows_learnt_from']:,} rows",
        soft_wrap=True,
    )
    console.print(f"what they are worth: {escape(str(card_paths(path)[1]))}", soft_wrap=True)
    if card["file"]["formula_cells"] and not file["formulas_guarded"]:
        cells = ", ".join(f"{name} ({count})" for name, count in file["formula_cells"].items())
        console.print(
            f"[yellow]note[/] texts that a spreadsheet takes for formulas in {escape(cells)}: "
            "--guard-formulas puts an apostrophe before them",
            soft_wrap=True,
        )
    for text in _source_notes(source):
        console.print(f"[yellow]note[/] {escape(text)}", soft_wrap=True)


def _source_notes(source: dict[str, Any]) -> list[str]:
    """What was done to the source when it was read, and what of it is not in the file."""
    left = ", ".join(source["columns_left_out"])
    notes = [f"read: {note['text']}" for note in source["notes"]]
    return [*notes, f"not in the file: {left}"] if left else notes
