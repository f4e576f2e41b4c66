"""``tabsculpt store``: what lies in the store, whether it is whole, and what may go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tabsculpt.cli.arguments import places
from tabsculpt.cli.options import Json, Places
from tabsculpt.cli.shared import shared
from tabsculpt.cli.shell import console, errors, print_json
from tabsculpt.config.amounts import seconds_of
from tabsculpt.errors import UserError

app = typer.Typer(
    help="Look after the store: what it takes, whether it is whole, what may go.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
DRY_RUN = typer.Option("--dry-run", help="Only say what would go.")


def du(named: Places = None, as_json: Json = False) -> None:
    """Say what the store takes, by kind of step: results, bytes, CPU time that made them.

    Example: [bold]tabsculpt store du --outputs outputs[/]
    """
    with errors():
        from rich.table import Table as RichTable

        from tabsculpt.engine.upkeep import Use, usage
        from tabsculpt.launch.status import duration

        uses = usage(_store(places(named, ())[0]))
        if as_json:
            print_json(uses)
            return
        table = RichTable("step")
        for name in ("results", "disk", "CPU time"):
            table.add_column(name, justify="right")
        whole = Use(
            "all",
            sum(use.entries for use in uses),
            sum(use.bytes for use in uses),
            sum(use.cpu_seconds for use in uses),
        )
        for use in [*uses, whole]:
            shown = [f"{use.entries:,}", _bytes(use.bytes), duration(use.cpu_seconds)]
            table.add_row(use.kind, *shown)
        console().print(table)


def verify(
    named: Places = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove what is not whole; it is computed anew.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read every byte of the store and name the results that are not as they were written.

    Example: [bold]tabsculpt store verify --remove[/]
    """
    with errors():
        from tabsculpt.engine.store import Store
        from tabsculpt.engine.upkeep import entries, faults, foreign

        root, shown = _store(places(named, ())[0]), console(as_json)
        broken = list(faults(root))
        for entry in entries(root):
            if remark := foreign(entry):
                shown.print(f"{entry.folder}: {remark}", markup=False, soft_wrap=True)
        for entry, wrong in broken:
            shown.print(f"{entry.folder}: {wrong}", markup=False, soft_wrap=True)
            if remove:
                Store(root).discard(entry.folder)
        done = ", removed" if broken and remove else ""
        shown.print(f"{len(broken)} results not whole{done}")
        if as_json:
            print_json([{"folder": entry.folder, "wrong": wrong} for entry, wrong in broken])
        if broken and not remove:
            raise typer.Exit(1)


def prune(
    named: Places = None,
    older_than: Annotated[
        str | None, typer.Option("--older-than", help="Those that are older go: 30d, 12h.")
    ] = None,
    max_size: Annotated[
        str | None,
        typer.Option("--max-size", help="The oldest go until the store is no larger: 2GB."),
    ] = None,
    dry_run: Annotated[bool, DRY_RUN] = False,
    as_json: Json = False,
) -> None:
    """Remove results of steps that no finished job rests on.

    What is left is what finished jobs rest on, and what is being computed.

    Example: [bold]tabsculpt store prune --older-than 30d --dry-run[/]
    """
    with errors():
        from tabsculpt.config.amounts import bytes_of
        from tabsculpt.engine.upkeep import prune as take_away
        from tabsculpt.launch.status import running

        folder, _ = places(named, ())
        if older_than is None and max_size is None:
            raise UserError("say what may go: --older-than 30d, --max-size 2GB or both")
        age = None if older_than is None else seconds_of(older_than, "--older-than")
        most = None
        if max_size is not None:
            most = bytes_of(max_size, "--max-size", "an amount, as in 500MB or 2GB")
        if not dry_run and running(folder):
            raise UserError(f"a sweep is running in {folder}; prune its store when it has ended")
        _store(folder)
        found = take_away(folder, age, most, dry_run)
        kinds: dict[str, int] = {}
        for entry in found.entries:
            kinds[entry.kind] = kinds.get(entry.kind, 0) + 1
        shown = console(as_json)
        for kind, count in sorted(kinds.items()):
            shown.print(f"{kind}: {count}")
        would = "would go" if dry_run else "removed"
        drafts = f" and {found.drafts} drafts of killed processes" if found.drafts else ""
        shown.print(f"{len(found.entries)} results, {_bytes(found.bytes)}{drafts} {would}")
        if most is not None:
            shown.print(
                f"{_bytes(found.left)} left, {_bytes(found.referred)} of them for finished jobs"
            )
        if as_json:
            print_json(found)


for command in (du, verify, prune):
    app.command()(shared(command))


def _store(outputs: Path) -> Path:
    if not (outputs / "store").is_dir():
        raise UserError(f"there is no store in {str(outputs)!r}; name the folder with --outputs")
    return outputs / "store"


def _bytes(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} GB" if count < 1000 else f"{count:,.0f} GB"
