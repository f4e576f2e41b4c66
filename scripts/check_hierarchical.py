"""Compare the hierarchical model over data sets with a sampler of the model that baycomp samples.

    python scripts/check_hierarchical.py --python numpyro-env/bin/python [--save]

The package baycomp needs a Stan compiler, so its model text, ``hierarchical-t-test.stan``, is
written in numpyro here, line by line, and sampled by NUTS in an environment of its own (``python -m
venv numpyro-env && numpyro-env/bin/pip install numpyro``). Bounds of the parameters are those that
baycomp hands to Stan. Each line is a made-up experiment of several data sets: P(better), P(equal),
P(worse) of a further data set and the mean, by `tabsculpt.stats.hierarchical` (a sum over a grid),
by NUTS with the same prior of the error within a data set, 1 / sigma, and by NUTS with baycomp's,
which is uniform. The largest split R-hat of a chain and the standard error of a probability say how
well the chains are mixed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Iterator

import numpy as np
import pandas as pd

from calibration import page
from tabsculpt.stats.hierarchical import hierarchical_difference
from tabsculpt.stats.resampled import resampled_difference
from tabsculpt.table import FloatArray

FOLDS, RUNS, ROPE = 5, 2, 0.01
NUMBERS = ("better", "equal", "worse", "mean", "error", "R-hat")
DEVIATION = 0.02
CASES: dict[str, tuple[float, ...]] = {
    "alike and better": (0.04,) * 8,
    "alike and equal": (0.0, 0.001, -0.001, 0.002, 0.0, -0.002, 0.001, 0.0),
    "of both signs": (-0.05, 0.05, -0.04, 0.06, -0.05, 0.05),
    "most are better": (0.02, 0.03, 0.0, 0.015, 0.04),
    "three data sets": (0.03, 0.02, 0.05),
    "one far out": (0.01, 0.012, 0.008, 0.011, 0.2),
}
"""True differences."""

PEER = """
import json, sys
import jax, jax.numpy as jnp, numpy as np, numpyro, numpyro.distributions as dist
from numpyro.diagnostics import effective_sample_size, split_gelman_rubin
from numpyro.infer import MCMC, NUTS
numpyro.enable_x64()

def model(x, rho, low, high, std0_high, std_high, jeffreys):
    q, n = x.shape
    det = (1 + (n - 1) * rho) * (1 - rho) ** (n - 1)
    diagonal, beside = 1 + (n - 2) * rho, -rho
    inverse = (1 - rho) ** (n - 2) * (beside + (diagonal - beside) * jnp.eye(n)) / det
    delta0 = numpyro.sample("delta0", dist.Uniform(low, high))
    std0 = numpyro.sample("std0", dist.Uniform(0, std0_high))
    alpha = numpyro.sample("alpha", dist.Uniform(1, 2))
    beta = numpyro.sample("beta", dist.Uniform(0.01, 0.1))
    nu = 1 + numpyro.sample("nu_minus_one", dist.Gamma(alpha, beta))
    with numpyro.plate("datasets", q):
        # delta ~ student_t(nu, delta0, std0), standardised for the sampler
        delta = delta0 + std0 * numpyro.sample("z", dist.StudentT(nu, 0, 1))
        if jeffreys:
            sigma = jnp.exp(numpyro.sample("log_sigma", dist.Uniform(jnp.log(1e-6 * std_high),
                                                                     jnp.log(std_high))))
        else:
            sigma = numpyro.sample("sigma", dist.Uniform(0, std_high))
    diff = x - delta[:, None]
    quad = jnp.einsum("qi,ij,qj->q", diff, inverse, diff)
    log_det = 2 * n * jnp.log(sigma) + jnp.log(det)
    numpyro.factor("logLik", jnp.sum(-0.5 * log_det - 0.5 * quad / sigma**2))

def sampled(x, rho, rope, jeffreys):
    scale = np.mean(np.std(x, axis=1, ddof=1))
    x, rope = x / scale, rope / scale
    high = float(np.abs(x).max())
    among, within = float(np.std(x.mean(axis=1))), float(np.mean(np.std(x, axis=1)))
    chains = MCMC(NUTS(model, target_accept_prob=0.99), num_warmup=1500, num_samples=4000,
                  num_chains=4, chain_method="sequential", progress_bar=False)
    chains.run(jax.random.PRNGKey(0), x, rho, -high, high, 1000 * among, 1000 * within, jeffreys)
    found = {k: np.asarray(v) for k, v in chains.get_samples(group_by_chain=True).items()}
    from scipy.stats import t
    mean, spread, nu = found["delta0"], found["std0"], 1 + found["nu_minus_one"]
    above, below = t.sf(rope, nu, mean, spread), t.cdf(-rope, nu, mean, spread)
    region = np.stack([above, 1 - above - below, below]).argmax(axis=0)
    shares = [float((region == place).mean()) for place in range(3)]
    known = [region == place for place in range(3) if 0 < (region == place).mean() < 1]
    errors = [k.std() / effective_sample_size(k.astype(float)) ** 0.5 for k in known]
    rhat = max(float(split_gelman_rubin(found[k])) for k in ("delta0", "std0", "nu_minus_one"))
    return [*shares, float(mean.mean() * scale), float(max(errors, default=0.0)), rhat]

given = json.load(sys.stdin)
x = np.array(given["x"])
print(json.dumps([sampled(x, given["rho"], given["rope"], own) for own in (True, False)]))
"""


def drawn(truth: tuple[float, ...]) -> FloatArray:
    """Differences of each data set by fold, shape (q, folds x runs), correlated as folds are."""
    rng = np.random.default_rng(len(truth))
    shared = rng.normal(size=(len(truth), 1)) * (1 / FOLDS) ** 0.5
    own = rng.normal(size=(len(truth), FOLDS * RUNS)) * (1 - 1 / FOLDS) ** 0.5
    found: FloatArray = np.array(truth)[:, None] + DEVIATION * (shared + own)
    return found


def by_grid(x: FloatArray) -> tuple[float, float, float, float]:
    """Ours: from the corrected resampled t-test of each data set."""
    each = [resampled_difference(list(row[:, None]), 1 / (FOLDS - 1), ROPE) for row in x]
    means, errors, freedoms = (
        np.array([getattr(one, name) for one in each]) for name in ("mean", "error", "freedom")
    )
    found = hierarchical_difference(means, errors, freedoms, ROPE)
    return found.above, found.within, found.below, found.mean


def by_peer(python: str, x: FloatArray) -> list[list[float]]:
    """Probabilities, mean, standard error and R-hat, with either prior."""
    given = json.dumps({"x": x.tolist(), "rho": 1 / FOLDS, "rope": ROPE})
    done = subprocess.run(
        [python, "-c", PEER], input=given, capture_output=True, text=True, check=True
    )
    return list(json.loads(done.stdout.splitlines()[-1]))


def records(name: str, python: str) -> Iterator[dict[str, str | float]]:
    """Rows of the table: ours, and the peer's with either prior."""
    x = drawn(CASES[name])
    lines = {"grid, prior 1 / sigma": [*by_grid(x), np.nan, np.nan]}
    for prior, values in zip(("1 / sigma", "uniform"), by_peer(python, x), strict=True):
        lines[f"NUTS, prior {prior}"] = values
    for by, values in lines.items():
        numbers = dict(zip(NUMBERS, (round(v, 3) for v in values), strict=True))
        yield {"data sets": f"{name} ({len(x)})", "by": by, **numbers}


def main() -> None:
    """Print ours beside the peer's."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", required=True, help="of an environment that has numpyro")
    parser.add_argument("--save", action="store_true", help="keep the table, for the page")
    parser.add_argument("cases", nargs="*", help=f"of: {', '.join(CASES)}; default: all")
    given = parser.parse_args()
    found: list[dict[str, str | float]] = []
    for name in given.cases or CASES:
        found += records(name, given.python)
        print(page.table(pd.DataFrame(found[-3:])), flush=True)
    if given.save:
        pd.DataFrame(found).to_csv(page.TABLES / "hierarchical.csv", index=False)


if __name__ == "__main__":
    main()
