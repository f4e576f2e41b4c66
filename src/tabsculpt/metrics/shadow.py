"""Membership inference with an attack model that learnt on shadow generators."""

from __future__ import annotations

import numpy as np

from tabsculpt.metrics.privacy import Attacked, attack_accuracy, nearest
from tabsculpt.table import FloatArray

SHADOWS = 4
MOST_ROWS = 500
LEAST_ROWS = 40
NEIGHBOURS = 5


def shadow_attack(attacked: Attacked, seed: int) -> float:
    """Accuracy of a shadow-model membership attack; in [0, 1], low is good, 0.5 is a guess.

    The attacker holds half of the test rows, which are from the population but not from train. Four
    times a shadow generator is fitted on a random half of these and sampled, so that the attacker
    knows the members of its training set. On what distances say of a row (to the nearest and to the
    5th nearest synthetic row, and to the nearest of the attacker's other rows, each as the
    logarithm of its ratio to the median) a logistic regression learns to tell members from others.
    It is then let loose on the synthetic table: rows of train against the other half of the test
    rows, equally many, at most 500 each; see `attack_accuracy`.

    Source: Shokri, Stronati, Song, Shmatikov, "Membership Inference Attacks Against Machine
    Learning Models", IEEE S&P 2017, https://arxiv.org/abs/1610.05820. Deviations: the shadows are
    kernel density estimates (Silverman's bandwidth) and not generators of the attacked kind, which
    would have to be fitted four times more for every table; the attacked model is a generator, so
    that distances to its rows take the place of the class probabilities. An attacker who knows the
    generator can do better.

    Args:
        attacked: at least 40 rows of members and of outsiders.
        seed: of the halves and the shadows.
    """
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(seed)
    half = min(len(attacked.outsiders) // 2, MOST_ROWS)
    known, outsiders = attacked.outsiders[:half], attacked.outsiders[half : 2 * half]
    shadows = [_shadow(known, rng) for _ in range(SHADOWS)]
    model = LogisticRegression(max_iter=1000)
    model.fit(np.vstack([s for s, _ in shadows]), np.concatenate([label for _, label in shadows]))
    rows = np.vstack([attacked.members[:half], outsiders])
    reference = nearest(rows, known, 1)[:, 0]
    scores = model.decision_function(_seen(rows, attacked.synthetic, reference))
    return attack_accuracy(scores[:half], scores[half:])


def _shadow(known: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """What a shadow's rows say of each known row, and whether it was trained on it."""
    size, width = known.shape
    label = np.zeros(size)
    label[rng.permutation(size)[: size // 2]] = 1
    fitted = known[label == 1]
    bandwidth = (4 / (width + 2) / len(fitted)) ** (1 / (width + 4))
    picked = fitted[rng.integers(len(fitted), size=len(fitted))]
    sampled = picked + rng.normal(size=picked.shape) * bandwidth * fitted.std(axis=0)
    reference = nearest(known, known, 2)[:, 1]
    return _seen(known, sampled, reference), label


def _seen(rows: FloatArray, synthetic: FloatArray, reference: FloatArray) -> FloatArray:
    near = nearest(rows, synthetic, min(NEIGHBOURS, len(synthetic)))
    distances = np.column_stack([near[:, 0], near[:, -1], reference])
    middle = np.median(distances, axis=0)
    ratios: FloatArray = np.log(distances / np.where(middle > 0, middle, 1.0) + 1e-6)
    return ratios
