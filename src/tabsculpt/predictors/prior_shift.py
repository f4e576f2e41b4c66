"""Probabilities of a model that learnt classes in other shares than they have."""

from __future__ import annotations

import numpy as np

from tabsculpt.table import FloatArray, Table


def class_shares(table: Table) -> FloatArray:
    """The share of each class, shape (classes,), in a table of at least one row."""
    counts = np.bincount(table.target, minlength=len(table.schema.classes))
    return counts / counts.sum()


def prior_ratio(trained: FloatArray, assumed: FloatArray) -> FloatArray:
    """The factor of each class's probability that corrects for the shares it was learnt in.

    By Bayes' theorem, where the features of each class are distributed as in training: p(k | x) is
    proportional to p_trained(k | x) times assumed over trained share. The assumed shares are those
    of real training rows; Saerens et al. also estimate them from unlabelled rows of the future,
    which would look at test rows.

    Args:
        trained: shares of the classes in what was learnt from, shape (classes,).
        assumed: those that hold where predictions are made.

    Returns:
        Shape (classes,); 1 for a class that was not learnt, or that the assumed shares lack.

    References:
        Adjusting the Outputs of a Classifier to New a Priori Probabilities, Saerens, Latinne,
        Decaestecker, Neural Computation 14, 2002, https://doi.org/10.1162/089976602753284446,
        equation 2.4; Calibrating Probability with Undersampling for Unbalanced Classification, Dal
        Pozzolo, Caelen, Johnson, Bontempi, IEEE SSCI 2015, https://doi.org/10.1109/SSCI.2015.33,
        equation 4, which is the same for undersampling of two classes.
    """
    known = (trained > 0) & (assumed > 0)
    return np.divide(assumed, trained, out=np.ones_like(assumed), where=known)


def rescaled(probabilities: FloatArray, factors: FloatArray) -> FloatArray:
    """Probabilities, shape (n, classes), times a factor for each class, adding up to 1 again.

    A row whose classes with a factor above 0 all have probability 0 stays as it is.
    """
    scaled = probabilities * factors
    total = scaled.sum(axis=1, keepdims=True)
    return np.divide(scaled, total, out=probabilities.copy(), where=total > 0)
