"""Columns of text as columns of numbers, learnt from training rows alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from tabsculpt.errors import UserError
from tabsculpt.table import Column, FloatArray, Kind, Schema, Table
from tabsculpt.text.encoder import encoded
from tabsculpt.text.words import FEATURE

WIDTH = 256
"""The most features of a column of text."""
_BUCKETS = 2**18


def text_reader(train: Table) -> Callable[[Table], Table]:
    """What turns columns of text into numbers; it leaves tables without text as they are.

    Whatever learns from a matrix of features, be it a profiler or a predictor, is given its tables
    through this.

    Args:
        train: the rows that are learnt from; nothing is learnt from those that are read later.

    Raises:
        UserError: text is all that they have, and no word is in it.
    """
    if not train.schema.texts:
        return _as_it_is
    learnt = TextFeatures.learn(train)
    if len(train.schema.texts) == len(train.schema.features) and not any(learnt.kept.values()):
        raise UserError(
            f"no feature is left: the texts of {len(train)} rows to learn from (column "
            f"{', '.join(train.schema.texts)}) have no word of two letters or more"
        )
    return learnt.apply


def _as_it_is(table: Table) -> Table:
    return table


@dataclass(frozen=True, eq=False)
class TextFeatures:
    """What was learnt of columns of text.

    Words, and pairs of words that follow each other, are counted in buckets chosen by their hash
    (K. Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009,
    https://arxiv.org/abs/0902.2206, without signs), weighed by how few training texts have them
    (K. Sparck Jones, "A statistical interpretation of term specificity and its application in
    retrieval", 1972, https://doi.org/10.1108/eb026526) and scaled to unit length. Of the buckets
    the 256 whose weight varies most in the training texts become columns. A missing text is one
    without words. Under an encoder of sentences, its vector is taken instead; a missing text then
    has missing features.

    Attributes:
        schema: of the tables with text.
        weights: by column the fitted ``TfidfTransformer``, None under an encoder or without words.
        kept: by column the buckets that become columns, or the places of the vector.
    """

    schema: Schema
    weights: dict[str, Any]
    kept: dict[str, Sequence[int]]

    @classmethod
    def learn(cls, train: Table) -> TextFeatures:
        """Learn from every column of text of some rows; there may be none."""
        weights: dict[str, Any] = {}
        kept: dict[str, Sequence[int]] = {}
        for name in train.schema.texts:
            if train.schema.text is not None and train.schema.text.encoder:
                size = encoded(train.schema.text, train.frame[name][:0]).shape[1]
                weights[name], kept[name] = None, range(size)
            else:
                weights[name], kept[name] = _learn_words(train.frame[name])
        return cls(train.schema, weights, kept)

    def apply(self, table: Table) -> Table:
        """The rows with columns ``NAME #PLACE`` of numbers in the place of each column of text."""
        columns: list[Column] = []
        frames: list[pd.DataFrame] = []
        for column in table.schema.columns:
            values = table.frame[[column.name]]
            if column.kind is Kind.TEXT:
                values = self._numbers(table.frame[column.name])
            frames.append(values)
            numbers = [Column(str(name), Kind.CONTINUOUS) for name in values.columns]
            columns += numbers if column.kind is Kind.TEXT else [column]
        schema = replace(table.schema, columns=tuple(columns), text=None)
        return Table(pd.concat(frames, axis=1), schema, table.groups)

    def _numbers(self, texts: pd.Series) -> pd.DataFrame:
        name = str(texts.name)
        kept, weights = self.kept[name], self.weights[name]
        if self.schema.text is not None and self.schema.text.encoder:
            values = encoded(self.schema.text, texts)
        elif weights is None:
            values = np.empty((len(texts), 0))
        else:
            values = weights.transform(_counts(texts))[:, list(kept)].toarray()
        return pd.DataFrame(values, texts.index, [f"{name} #{place}" for place in kept])


def _learn_words(texts: pd.Series) -> tuple[Any, list[int]]:
    """The weights of the buckets, and those that vary most, in the order of their number."""
    from sklearn.feature_extraction.text import TfidfTransformer

    counts = _counts(texts)
    if not counts.nnz:
        return None, []
    weights = TfidfTransformer().fit(counts)
    weighed = weights.transform(counts)
    variance = _variance(weighed)
    most = np.argsort(-variance, kind="stable")[:WIDTH]
    return weights, sorted(int(place) for place in most if variance[place] > 0)


def _variance(matrix: Any) -> FloatArray:
    """The variance of each column of a sparse matrix."""
    mean = np.asarray(matrix.mean(axis=0)).ravel()
    square = np.asarray(matrix.multiply(matrix).mean(axis=0)).ravel()
    return np.asarray(square - mean**2)


def _counts(texts: pd.Series) -> Any:
    """How often each bucket occurs, sparse, shape (n, buckets)."""
    from sklearn.feature_extraction.text import HashingVectorizer

    hashing = HashingVectorizer(
        n_features=_BUCKETS,
        ngram_range=(1, 2),
        alternate_sign=False,
        norm=None,
        token_pattern=FEATURE,
    )
    return hashing.transform(texts.fillna(""))
