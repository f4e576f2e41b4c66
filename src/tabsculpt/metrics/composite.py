"""One number for fidelity, diversity and privacy.

Source: Shreyas, Supriya, Urs, Kandalam, Sekaran, "Synthetic Data Generation and Its Role in Machine
Learning Model Development", section V.A, equation 6. It names what each part measures but not how
it is scaled to [0, 1], nor the weights; both are this project's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from tabsculpt.errors import UserError


@dataclass(frozen=True)
class Weights:
    """What the parts of Q count, non-negative, summing to 1.

    Args:
        fidelity: alpha of equation 6.
        diversity: beta.
        privacy: gamma.

    Raises:
        UserError: a weight is negative, or they do not sum to 1.
    """

    libraries: ClassVar[tuple[str, ...]] = (
        "lightgbm", "nltk", "scikit-learn", "scipy", "sdmetrics",
    )  # fmt: skip
    """What measures the parts, and all else in a table of quality."""

    fidelity: float = 1 / 3
    diversity: float = 1 / 3
    privacy: float = 1 / 3

    def __post_init__(self) -> None:
        given = (self.fidelity, self.diversity, self.privacy)
        if min(given) < 0 or not math.isclose(sum(given), 1, abs_tol=1e-6):
            raise UserError(f"the weights of Q must be at least 0 and sum to 1, got {given}")


def composite(
    wasserstein: float, recall: float, attack_accuracy: float, weights: Weights
) -> dict[str, float]:
    """Q = alpha Q_fid + beta Q_div + gamma Q_priv and its parts; each in [0, 1], high is good.

    Q_fid = 1 / (1 + W), with W the mean Wasserstein-1 distance of the columns in units of their
    standard deviation: 1 for equal columns, 1/2 where they are a standard deviation apart. Q_div =
    recall as in `tabsculpt.metrics.prdc`. Q_priv = 1 / A - 1, with A the accuracy of the
    nearest-neighbour membership attack, taken as at least 0.5: 1 where the attack is a guess, 0
    where it is always right. The source has 1 / A, which runs from 1 to 2.

    Args:
        wasserstein: W, at least 0.
        recall: in [0, 1].
        attack_accuracy: A, in [0, 1].
        weights: of the parts.

    Returns:
        ``q``, ``q_fidelity``, ``q_diversity``, ``q_privacy``; NaN where an argument is.
    """
    fidelity = 1 / (1 + wasserstein)
    privacy = 1 / max(attack_accuracy, 0.5) - 1 if attack_accuracy == attack_accuracy else math.nan
    q = weights.fidelity * fidelity + weights.diversity * recall + weights.privacy * privacy
    return {"q": q, "q_fidelity": fidelity, "q_diversity": recall, "q_privacy": privacy}


def image_composite(
    distance: float, fid: float, recall: float, attack_accuracy: float, weights: Weights
) -> dict[str, float]:
    """Q of images, whose fidelity the source measures by FID; high is good.

    ``q_image`` is `composite` of what a network sees: Q_fid = 1 / (1 + W) with W the distance of
    its features in units of their standard deviation, a function of FID (see
    `tabsculpt.metrics.images.feature_distance`); Q_div = recall of the features; Q_priv as there.
    ``q_image_published`` is the source to the letter, Q_fid = FID and Q_priv = 1 / A: degenerate,
    for it rises as images get worse, by an amount that depends on the network; it is there to
    compare with the source alone.

    Args:
        distance: W, at least 0.
        fid: at least 0.
        recall: of the features, in [0, 1].
        attack_accuracy: A, in [0, 1].
        weights: of the parts.

    Returns:
        ``q_image``, ``q_image_fidelity``, ``q_image_published``; NaN where an argument is.
    """
    parts = composite(distance, recall, attack_accuracy, weights)
    inverse = 1 / attack_accuracy if attack_accuracy else math.nan
    letter = weights.fidelity * fid + weights.diversity * recall + weights.privacy * inverse
    return {
        "q_image": parts["q"],
        "q_image_fidelity": parts["q_fidelity"],
        "q_image_published": letter,
    }
