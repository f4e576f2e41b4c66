"""What the script of the page reads: figures, tables and jobs as plain data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd

from tabsculpt.report.colours import styles
from tabsculpt.report.commands import command, typed_settings
from tabsculpt.report.figure import Figure
from tabsculpt.report.inputs import Inputs
from tabsculpt.report.section import Section


def page_data(
    inputs: Inputs, sections: Sequence[Section], figures: Sequence[Figure]
) -> dict[str, Any]:
    """Filters, sections, styles and jobs, ready for JSON."""
    rows = inputs.rows
    interned: dict[str, int] = {}
    jobs = {} if rows.empty else {
        str(record["job"]): _job(record, rows_, interned)
        for record, rows_ in _jobs_with_rows(inputs)
    }  # fmt: skip
    made = rows[rows.pipeline != "real"]
    names = ("dataset", "protocol", "generator", "profiler")
    values = {name: sorted(set(made[name]) - {"none"}) for name in names}
    return {
        "filters": {name: found for name, found in values.items() if len(found) > 1},
        "sections": [_section(section) for section in sections],
        "styles": {name: vars(style) for name, style in styles(figures).items()},
        "jobs": jobs,
        "interned": [json.loads(text) for text in interned],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "name": section.name,
        "heading": section.heading,
        "text": section.text,
        "more": section.more,
        "blocks": [
            {"name": b.name, "heading": b.heading, "figures": [f.to_json() for f in b.figures]}
            for b in section.blocks
            if b.figures
        ],
        "nothing": [f"{b.heading}: {b.nothing}" for b in section.blocks if b.says_nothing],
        "tables": [table.to_json() for table in section.tables if len(table.frame)],
    }


def _jobs_with_rows(inputs: Inputs) -> Sequence[tuple[dict[str, Any], dict[str, Any]]]:
    first = inputs.rows.drop_duplicates("job").set_index("job").to_dict("index")
    return [(record, first[record["job"]]) for record in inputs.jobs.to_dict("records")]


def _job(record: dict[str, Any], row: dict[str, Any], interned: dict[str, int]) -> dict[str, Any]:
    """A job as the page shows it; parts that jobs share are kept once."""
    settings = json.loads(record["settings"])
    flat = {**settings.pop("parts", {}), **settings}
    places = {}
    for name, part in flat.items():
        text = json.dumps(part, sort_keys=True)
        places[name] = interned.setdefault(text, len(interned))
    typed = typed_settings(pd.DataFrame([record]))
    again = [f"seed={row['seed']}", f"split.seed={row['split_seed']}", "repeats=1"]
    return {
        "seed": int(row["seed"]),
        "split_seed": int(row["split_seed"]),
        "rows": int(record["rows"]),
        "not_ok": int(record["not_ok"]),
        "command": "" if typed is None else command("run", [*typed, *again]),
        "settings": places,
    }
