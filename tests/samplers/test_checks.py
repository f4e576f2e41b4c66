"""The checks of imbalanced-learn and scikit-learn that apply to samplers of numbers and classes."""

from __future__ import annotations

import warnings

import pytest
from imblearn.utils import estimator_checks as imblearn_checks
from sklearn.utils import estimator_checks as sklearn_checks

from tabsculpt import Profile2Gen, TargetedAugmentation, Upsampler

SAMPLERS = [
    Profile2Gen("marginal", "knn_shapley"),
    TargetedAugmentation("marginal"),
    Upsampler("naive"),
]
LONE = "its target has classes of one row, from which no part of a split can be made"
EXCLUDED = {
    "check_samplers_pandas_sparse": "sparse frames are refused, as sparse matrices are",
    "check_dont_overwrite_parameters": LONE,
    "check_f_contiguous_array_estimator": LONE,
    "check_methods_sample_order_invariance": LONE,
    "check_methods_subset_invariance": LONE,
    "check_dict_unchanged": LONE,
    "check_fit2d_predict1d": LONE,
    "check_array_api_input": "needs SCIPY_ARRAY_API, and arrays of a GPU are not taken",
}
NUMBERS = {"check_target_type": "a number is no error: it is a regression"}


def excluded(sampler) -> set[str]:
    return {*EXCLUDED, *(() if isinstance(sampler, Upsampler) else NUMBERS)}


def checks():
    for module in (imblearn_checks, sklearn_checks):
        for sampler in SAMPLERS:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = list(module.estimator_checks_generator(sampler))
            for estimator, check in found:
                name = check.func.__name__
                if name not in excluded(sampler):
                    marked = f"{type(sampler).__name__}-{module.__name__.split('.')[0]}-{name}"
                    yield pytest.param(estimator, check, id=marked)


@pytest.mark.filterwarnings("ignore")  # rows drawn at random have profiles that tell little apart
@pytest.mark.parametrize(("sampler", "check"), list(checks()))
def test_a_check_of_the_libraries_holds(sampler, check):
    check(sampler)
