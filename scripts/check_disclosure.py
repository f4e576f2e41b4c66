"""Measure the three risks of disclosure where they are known, and beside their reference package.

    python scripts/check_disclosure.py
    python scripts/check_disclosure.py --anonymeter anonymeter-env/bin/python

Without a peer: over 60 random splits of each table the risk of fresh rows, which is 0, with train
parts as large as the test part and twice as large: mean, and share of 95 % intervals above and
below 0; then that of copies of train, near 1.

The package anonymeter asks for an old numpy, so it needs an environment of its own (``python -m
venv anonymeter-env && anonymeter-env/bin/pip install anonymeter``). Each line is then a table, what
was released of its train rows, a risk, and its value by either with 95 % intervals. The attacks are
not the same in all: see the docstrings of `tabsculpt.metrics.disclosure` for what deviates and why.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from tabsculpt.datasets.bundled import Bundled
from tabsculpt.generators.arf.arf import ARF
from tabsculpt.generators.ddpm.ddpm import DDPM
from tabsculpt.metrics.disclosure.risk import Risk
from tabsculpt.metrics.disclosure.risks import RISKS, disclosure_risks
from tabsculpt.table import Table, concat, conform

SPLITS = 60

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


def known_risks(bundle: str) -> None:
    """Print the risk of fresh rows over many splits, and of copies of train."""
    table = Bundled(bundle, bundle).load().table
    for shares in ((0.35, 0.35), (0.47, 0.23)):
        found: dict[str, list[Risk]] = {risk: [] for risk in RISKS}
        for seed in range(SPLITS):
            train, test, fresh = parts(table, shares, seed)
            risks = disclosure_risks(train, test, fresh, seed)
            for risk in RISKS:
                found[risk].append(risks[risk, None])
        for risk, each in found.items():
            above = np.mean([one.low > 0 for one in each])
            below = np.mean([one.high < 0 for one in each])
            mean = np.nanmean([one.value for one in each])
            print(
                f"{bundle:14} fresh rows, train/test {shares[0]:g}/{shares[1]:g}  {risk:26} mean "
                f"{mean:6.3f}, intervals above 0: {above:4.0%}, below: {below:4.0%}",
                flush=True,
            )
    train, test, _ = parts(table, (0.47, 0.23), 0)
    copied = disclosure_risks(train, test, train, 0)
    for risk in RISKS:
        one = copied[risk, None]
        print(f"{bundle:14} copy of train  {risk:26} {_shown([one.value, one.low, one.high])}")


def parts(table: Table, shares: tuple[float, float], seed: int) -> list[Table]:
    """A train part, a test part and the rest, drawn by a seed."""
    order = np.random.default_rng(seed).permutation(len(table))
    ends = (np.cumsum(shares) * len(table)).astype(int)
    return [table.take(part) for part in np.split(order, ends)]


def beside_peer(bundle: str, python: str) -> None:
    """Print the risks of every release, ours beside anonymeter's."""
    train, test, fresh = parts(Bundled(bundle, bundle).load().table, (0.4, 0.3), 0)
    for name, made in released(train, fresh).items():
        ours = disclosure_risks(train, test, made, 0)
        theirs = by_peer(python, {"train": train, "test": test, "made": made})
        for risk in RISKS:
            mine = ours[risk, None]
            shown = _shown([mine.value, mine.low, mine.high]), _shown(theirs[risk])
            print(f"{bundle:14} {name:20} {risk:26} {shown[0]}   {shown[1]}", flush=True)


def main() -> None:
    """Print what is known, and what the peer says where its environment is named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--anonymeter", help="the Python of an environment that has anonymeter")
    python = parser.parse_args().anonymeter
    for bundle in ("diabetes", "breast_cancer", "wine"):
        known_risks(bundle)
    for bundle in ("diabetes", "breast_cancer") if python else ():
        beside_peer(bundle, python)


def _shown(peer: object) -> str:
    if not isinstance(peer, list):
        return str(peer)
    return f"{peer[0]:5.2f} [{peer[1]:5.2f}, {peer[2]:5.2f}]"


if __name__ == "__main__":
    main()
