"""From scores to segments."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tabsculpt.profilers import Profile, Profiler, Scores, Segment, SegmentRule
from tabsculpt.table import FloatArray


def cut_scores(profiler: Profiler, scores: Scores) -> Profile:
    """Cut scores into segments as a profiler's settings say.

    With t the profiler's threshold:

    - threshold, two segments: hard below t (above t where high means hard), else easy.
    - threshold, three segments: hard where confidence < t, easy where > 1 - t, else ambiguous.
      Little uncertainty is implied: p (1 - p) is concave, so its mean is below t (1 - t) there.
    - percentile: as threshold, and rows whose uncertainty is above its median are ambiguous
      (Seedat et al., "Data-IQ", NeurIPS 2022, https://arxiv.org/abs/2210.13043).
    - fraction: the share t of the rows that is hardest is hard (ties by position); with three
      segments, of the others the same number that is most uncertain is ambiguous.

    Args:
        profiler: whose scores they are.
        scores: of n rows.
    """
    sign = 1.0 if type(profiler).hard_is == "high" else -1.0
    hardness = sign * scores.score
    t = profiler.threshold
    if profiler.cut is SegmentRule.FRACTION:
        segment = _by_fraction(hardness, scores.uncertainty, t)
    elif scores.uncertainty is None:
        hard = hardness > sign * t
        segment = np.where(hard, Segment.HARD, Segment.EASY).astype("<U9")
    else:
        segment = _by_confidence(scores.score, t)
        if profiler.cut is SegmentRule.PERCENTILE:
            segment[scores.uncertainty > np.median(scores.uncertainty)] = Segment.AMBIGUOUS
    return Profile(scores, hardness, segment)


def _by_confidence(confidence: FloatArray, t: float) -> npt.NDArray[np.str_]:
    segment = np.full(len(confidence), Segment.AMBIGUOUS, dtype="<U9")
    segment[confidence > 1 - t] = Segment.EASY
    segment[confidence < t] = Segment.HARD
    return segment


def _by_fraction(
    hardness: FloatArray, uncertainty: FloatArray | None, share: float
) -> npt.NDArray[np.str_]:
    count = round(share * len(hardness))
    order = np.argsort(-hardness, kind="stable")
    segment = np.full(len(hardness), Segment.EASY, dtype="<U9")
    if uncertainty is not None:
        rest = order[count:]
        unsure = rest[np.argsort(-uncertainty[rest], kind="stable")]
        segment[unsure[:count]] = Segment.AMBIGUOUS
    segment[order[:count]] = Segment.HARD
    return segment
