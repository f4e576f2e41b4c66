"""What a classifier of notes learns from notes that were generated: AUC by generator and split.

    python scripts/compare_notes.py [--splits 5] [--rows 1000] [--generators text_lm,eda,bootstrap]

Each generator is fitted on the train rows of dataset=simulated_notes, all columns of them, and
gives as many rows. A logistic regression is trained on the note alone, as hashed TF-IDF, of the
real train rows or of the generated ones, and tested on real notes that nothing else has seen.
Writes a table, as Markdown, to standard output.
"""

from __future__ import annotations

import argparse
import sys
import time
from importlib import import_module
from typing import Any

import numpy as np
import torch
import yaml
from sklearn.metrics import roc_auc_score

from tabsculpt.config.choices import choice_file
from tabsculpt.datasets.impute import test_part, train_part
from tabsculpt.datasets.simulated_notes import NOTE, TARGET, SimulatedNotes
from tabsculpt.datasets.split import Splitting
from tabsculpt.generators.on_grid import fit_on_grid
from tabsculpt.metrics.texts import NAMES, measure_text
from tabsculpt.predictors.linear import Linear
from tabsculpt.table import Table, conform
from tabsculpt.text.features import text_reader


def generator(name: str) -> Any:
    node = yaml.safe_load(choice_file("generator", name).read_text())
    module, _, cls = node.pop("_target_").rpartition(".")
    return getattr(import_module(module), cls)(**node)


def note_alone(table: Table) -> Table:
    columns = tuple(c for c in table.schema.columns if c.name in (NOTE, TARGET))
    return conform(
        table.frame, type(table.schema)(columns, TARGET, table.schema.task, text=table.schema.text)
    )


def auc(train: Table, test: Table) -> float:
    train, test = note_alone(train), note_alone(test)
    read = text_reader(train)
    seen = read(test)
    prediction = Linear().fit(read(train), None, 0).predict(seen.features)
    return float(roc_auc_score(test.target, prediction[:, 1]))


def one_split(names: list[str], rows: int, split: int) -> dict[str, dict[str, float]]:
    dataset = SimulatedNotes(rows=rows).load()
    parts = Splitting(0.33, split).rows(dataset)
    train, test = train_part(dataset, parts, "impute"), test_part(dataset, parts, "impute")
    found = {"real": {"auc": auc(train, test)}}
    for name in names:
        begun = time.process_time()
        made = fit_on_grid(generator(name), train, split, "cpu").sample(len(train), split)
        seconds = time.process_time() - begun
        measured = list(measure_text(train, test, made, split))
        numbers = {m.metric: m.value for m in measured if m.value is not None}
        usual = {m.metric: m.reference for m in measured}
        found[name] = {"auc": auc(made, test), "cpu_seconds": seconds, **numbers}
        found["real"] |= {key: value for key, value in usual.items() if value is not None}
        print(f"split {split}, {name}: auc {found[name]['auc']:.3f}", file=sys.stderr, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--generators", default="text_lm,eda,bootstrap")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    names = asked.generators.split(",")
    splits = [one_split(names, asked.rows, split) for split in range(asked.splits)]
    columns = ["auc", *NAMES, "cpu_seconds"]
    print("| notes of |", " | ".join(columns), "|")
    print("|---" * (len(columns) + 1) + "|")
    for name in ["real", *names]:
        cells = []
        for column in columns:
            values = [split[name][column] for split in splits if column in split[name]]
            cells.append(f"{np.mean(values):.3g} ± {np.std(values, ddof=1):.2g}" if values else "")
        print(f"| {name} |", " | ".join(cells), "|", flush=True)
    for name in names:
        gaps = [split[name]["auc"] - split["real"]["auc"] for split in splits]
        print(
            f"{name}: auc less that of real notes, by split:", " ".join(f"{g:+.3f}" for g in gaps)
        )


if __name__ == "__main__":
    main()
