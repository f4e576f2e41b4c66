"""Measure the three risks of disclosure where they are known, and beside their reference package.

    python scripts/check_disclosure.py --save
    python scripts/check_disclosure.py --anonymeter anonymeter-env/bin/python --save

Over many random splits of each table the risk of fresh rows, which is 0, with train parts as large
as the test part and twice as large: mean, and share of 95 % intervals above and below 0. Then what
could be released in place of train: copies, bootstrap with noise, fresh rows, and rows of two
generators. With ``--save`` the tables are left in ``scripts/results/disclosure`` and
``docs/disclosure.md`` is written from them.

The package anonymeter asks for an old numpy, so it needs an environment of its own (``python -m
venv anonymeter-env && anonymeter-env/bin/pip install anonymeter``). The attacks are not the same in
all: see the docstrings of `tabsculpt.metrics.disclosure` for what deviates and why.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from tabsculpt.datasets.bundled import Bundled
from tabsculpt.generators.arf.arf import ARF
from tabsculpt.generators.ddpm.ddpm import DDPM
from tabsculpt.metrics.disclosure.risk import Risk
from tabsculpt.metrics.disclosure.risks import RISKS, disclosure_risks
from tabsculpt.table import Table, concat, conform

SPLITS = 60
Record = dict[str, object]
ROOT = Path(__file__).parents[1]
TABLES = ROOT / "scripts" / "results" / "disclosure"
PAGE = ROOT / "docs" / "disclosure.md"

HEAD = """\
# What the three risks measure

`quality`, the card of `generate` and the report say how far an attacker gets who has the synthetic
rows: singling out a person, linking two sources that share no column, and guessing a value (Giomi
et al. 2023), each beyond what the same attack does to rows that were not trained on. This page
holds them to what is known, and beside the reference package. It is written by

    python scripts/check_disclosure.py --anonymeter PYTHON --save

What was tried is these attacks and no others, with the columns as they are and an attacker who
knows nothing besides; a low risk does not prove that another attack fails, as differential privacy
would.
"""
SECTIONS = {
    "releases": """\
## What is released in place of the training rows

Risk with its 95 % interval, ours and that of the package anonymeter on the same rows. Copies of
train should come near 1 and fresh rows of the law near 0, half copies between; a bootstrap with
noise keeps the people in it (5 % of each number's standard deviation).
""",
    "fresh": """\
## Fresh rows, whose risk is 0

Over random splits: the mean risk, and how many of the 95 % intervals lie above and below 0.
""",
}

PEER = """
import json, sys, warnings
warnings.filterwarnings("ignore")
import numpy as np, pandas as pd
from anonymeter.evaluators import InferenceEvaluator, LinkabilityEvaluator, SinglingOutEvaluator
folder, seed = sys.argv[1], 0
np.random.seed(seed)
train, test, made = (pd.read_csv(f"{folder}/{name}.csv") for name in ("train", "test", "made"))
n = min(500, len(train), len(test))
columns = list(train)
risks = {}
def keep(name, evaluator, **settings):
    evaluator.evaluate(**settings)
    risk = evaluator.risk(confidence_level=0.95)
    return [risk.value, *risk.ci]
for name, mode in (("singling_out", "univariate"), ("singling_out_multivariate", "multivariate")):
    e = SinglingOutEvaluator(ori=train, syn=made, control=test, n_attacks=n)
    try:
        risks[name] = keep(name, e, mode=mode)
    except Exception as error:
        risks[name] = str(error)
half = len(columns) // 2
e = LinkabilityEvaluator(ori=train, syn=made, control=test, n_attacks=n, n_neighbors=1,
                         aux_cols=(columns[:half], columns[half:]))
risks["linkability"] = keep("linkability", e, n_jobs=1)
each = []
for secret in columns:
    regression = pd.api.types.is_float_dtype(train[secret]) or train[secret].nunique() > 20
    e = InferenceEvaluator(ori=train, syn=made, control=test, n_attacks=n, secret=secret,
                           aux_cols=[c for c in columns if c != secret], regression=regression)
    each.append(keep("inference", e, n_jobs=1))
risks["inference"] = np.mean(each, axis=0).tolist()
print(json.dumps(risks))
"""


def released(train: Table, fresh: Table) -> dict[str, Table]:
    """What could be given away in place of train, by name."""
    n, rng = len(train), np.random.default_rng(0)
    drawn = train.take(rng.integers(n, size=n))
    noisy = drawn.frame.copy()
    for column in train.schema.columns:
        if column.is_numeric:
            values = noisy[column.name].astype("float64")
            noisy[column.name] = values + 0.05 * values.std() * rng.normal(size=n)
    return {
        "copy of train": train,
        "bootstrap with noise": conform(noisy, train.schema),
        "half copies": concat([train.take(np.arange(n // 2)), fresh]),
        "fresh rows": fresh,
        "arf": ARF().fit(train, 0, "cpu").sample(n, 0),
        "ddpm": DDPM().fit(train, 0, "cpu").sample(n, 0),
    }


def by_peer(python: str, tables: dict[str, Table]) -> dict[str, object]:
    """The risks by anonymeter, in its own environment."""
    with tempfile.TemporaryDirectory() as folder:
        for name, table in tables.items():
            table.frame.to_csv(Path(folder) / f"{name}.csv", index=False)
        done = subprocess.run(
            [python, "-c", PEER, folder], capture_output=True, text=True, check=True
        )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def known_risks(bundle: str, splits: int) -> Iterator[Record]:
    """The risk of fresh rows over many splits, by how large train is beside test."""
    table = Bundled(bundle, bundle).load().table
    for shares in ((0.35, 0.35), (0.47, 0.23)):
        found: dict[str, list[Risk]] = {risk: [] for risk in RISKS}
        for seed in range(splits):
            train, test, fresh = parts(table, shares, seed)
            risks = disclosure_risks(train, test, fresh, seed)
            for risk in RISKS:
                found[risk].append(risks[risk, None])
        for risk, each in found.items():
            yield {
                "table": bundle,
                "train to test": f"{shares[0]:g} to {shares[1]:g}",
                "risk": risk,
                "splits": splits,
                "mean": round(float(np.nanmean([one.value for one in each])), 3),
                "above 0": f"{np.mean([one.low > 0 for one in each]):.0%}",
                "below 0": f"{np.mean([one.high < 0 for one in each]):.0%}",
            }


def parts(table: Table, shares: tuple[float, float], seed: int) -> list[Table]:
    """A train part, a test part and the rest, drawn by a seed."""
    order = np.random.default_rng(seed).permutation(len(table))
    ends = (np.cumsum(shares) * len(table)).astype(int)
    return [table.take(part) for part in np.split(order, ends)]


def of_releases(bundle: str, python: str | None) -> Iterator[Record]:
    """The risks of every release, beside anonymeter's where its environment is named."""
    train, test, fresh = parts(Bundled(bundle, bundle).load().table, (0.4, 0.3), 0)
    for name, made in released(train, fresh).items():
        ours = disclosure_risks(train, test, made, 0)
        tables = {"train": train, "test": test, "made": made}
        theirs = by_peer(python, tables) if python else {}
        for risk in RISKS:
            mine = ours[risk, None]
            yield {
                "table": bundle,
                "released": name,
                "risk": risk,
                "risk here": _shown([mine.value, mine.low, mine.high]),
                "attacks": mine.attacks,
                "anonymeter": _shown(theirs[risk]) if theirs else "",
            }


def main() -> None:
    """Print what is known, and what the peer says where its environment is named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--anonymeter", help="the Python of an environment that has anonymeter")
    parser.add_argument("--splits", type=int, default=SPLITS, help="of fresh rows")
    parser.add_argument("--save", action="store_true", help="keep the tables, write the page")
    given = parser.parse_args()
    each: dict[str, Iterator[Record]] = {
        "releases": (
            record
            for bundle in ("diabetes", "breast_cancer")
            for record in of_releases(bundle, given.anonymeter)
        ),
        "fresh": (
            record
            for bundle in ("diabetes", "breast_cancer", "wine")
            for record in known_risks(bundle, given.splits)
        ),
    }
    for name, records in each.items():
        kept = []
        for record in records:
            kept.append(record)
            print(*(f"{key}: {value}" for key, value in record.items()), sep="; ", flush=True)
            if given.save:
                TABLES.mkdir(parents=True, exist_ok=True)
                pd.DataFrame(kept).to_csv(TABLES / f"{name}.csv", index=False)
    if given.save:
        PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The page of the documentation, from the tables that are kept."""
    text = [HEAD]
    for name, words in SECTIONS.items():
        if (path := TABLES / f"{name}.csv").is_file():
            kept = pd.read_csv(path, dtype=str, keep_default_na=False)
            lines = [f"| {' | '.join(kept.columns)} |", f"|{'---|' * len(kept.columns)}"]
            lines += [f"| {' | '.join(row)} |" for row in kept.itertuples(index=False)]
            text += [words, "\n".join(lines) + "\n"]
    return "\n".join(text)


def _shown(peer: object) -> str:
    if not isinstance(peer, list):
        return str(peer)
    return f"{peer[0]:.2f} ({peer[1]:.2f} to {peer[2]:.2f})"


if __name__ == "__main__":
    main()
