"""What a sampler returns has the dtypes that it was given, within the range seen, and no other."""

from __future__ import annotations

import warnings
from datetime import date, time, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabsculpt import Profile2Gen, Upsampler
from tabsculpt.errors import UserError
from tabsculpt.samplers.casting import cast_back

N = 120
RNG = np.random.default_rng(0)
GAPS = np.arange(N) % 9 == 4
WHOLE = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


def whole(dtype: str) -> np.ndarray:
    """Whole numbers over the upper three quarters of what a dtype can hold."""
    ends = np.iinfo(dtype)
    low = ends.min // 2 if ends.min else ends.max // 4
    values = RNG.integers(low, ends.max, N, dtype=dtype, endpoint=True)
    values[7], values[8] = low, ends.max
    return values


def with_gaps(values, dtype) -> pd.Series:
    known = [None if gap else value for gap, value in zip(GAPS, values, strict=True)]
    return pd.Series(pd.array(known, dtype=dtype))


WORDS = RNG.choice(["low", "high"], N).tolist()
FLAGS = (RNG.random(N) < 0.5).tolist()
LEVELS = RNG.integers(1, 4, N).tolist()
REALS = RNG.normal(size=N).tolist()
COLUMNS = {
    **{dtype: pd.Series(whole(dtype)) for dtype in WHOLE},
    **{name: with_gaps(whole(name.lower()).tolist(), name) for name in
       ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64")},
    **{dtype: pd.Series(REALS, dtype=dtype) for dtype in ("float16", "float32", "float64")},
    **{dtype: with_gaps(REALS, dtype) for dtype in ("Float32", "Float64", "double[pyarrow]")},
    "int64[pyarrow]": with_gaps(whole("int64").tolist(), "int64[pyarrow]"),
    "bool": pd.Series(FLAGS),
    "boolean": with_gaps(FLAGS, "boolean"),
    "bool[pyarrow]": with_gaps(FLAGS, "bool[pyarrow]"),
    "string": with_gaps(WORDS, "string"),
    "string[pyarrow]": with_gaps(WORDS, "string[pyarrow]"),
    "objects": with_gaps(WORDS, object),
    "true or false as objects": with_gaps(FLAGS, object),
    "whole numbers as objects": with_gaps(LEVELS, object),
    "floats as objects": with_gaps([float(level) for level in LEVELS], object),
    "decimals": with_gaps([Decimal(level) / 4 for level in LEVELS], object),
    "huge": with_gaps([2**70 * level for level in LEVELS], object),
    "text levels": pd.Series(pd.Categorical(WORDS, ["low", "middle", "high"], ordered=True)),
    "whole levels": pd.Series(pd.Categorical(with_gaps(LEVELS, object), [3, 1, 2, 9])),
    "float levels": pd.Series(pd.Categorical(with_gaps([level / 2 for level in LEVELS], object))),
    "true levels": pd.Series(pd.Categorical(with_gaps(FLAGS, object))),
}  # fmt: skip

NUMBERS_AS_OBJECTS = ("whole numbers as objects", "floats as objects", "decimals", "huge")


@pytest.mark.filterwarnings("ignore")  # rows drawn at random have profiles that tell little apart
@pytest.mark.parametrize("missing", ["keep", "impute"])
def test_every_dtype_comes_back_within_the_range_seen(missing):
    x = pd.DataFrame({"score": REALS, **COLUMNS})
    y = pd.Series(WORDS, name="outcome")
    sampler = Profile2Gen("marginal", "knn_shapley", missing=missing)
    more_x, more_y = sampler.fit_resample(x, y)
    assert more_x.columns.tolist() == x.columns.tolist()
    assert more_x.dtypes.equals(x.dtypes)
    pd.testing.assert_frame_equal(more_x.head(N), x)
    made = more_x.tail(len(more_x) - N)
    assert len(made) == len(more_y) - N > 60
    for name, column in COLUMNS.items():
        real, drawn = column.dropna(), made[name].dropna()
        assert {type(value) for value in drawn} == {type(value) for value in real}, name
        assert made[name].isna().any() == (column.isna().any() and missing == "keep"), name
        ordered = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        if not ordered and name not in (
            "whole numbers as objects",
            "floats as objects",
            "decimals",
            "huge",
        ):
            assert set(drawn) <= set(real), name
        else:
            assert real.min() <= drawn.min() <= drawn.max() <= real.max(), name
            assert drawn.nunique() > min(real.nunique() - 1, 30), name


@pytest.mark.parametrize("dtype", [*WHOLE, "Int64", "UInt8", "UInt64"])
@pytest.mark.filterwarnings("ignore")
def test_a_target_of_whole_numbers_is_one_of_them(dtype):
    values = whole(dtype.lower())
    x = pd.DataFrame({"score": REALS})
    sampler = Profile2Gen("bayesian_network", "knn_shapley", task="regression", keep_real=False)
    _, more_y = sampler.fit_resample(x, pd.Series(values, dtype=dtype))
    assert more_y.dtype == dtype
    assert values.min() <= more_y.min() < more_y.max() <= values.max()
    _, more_y = sampler.fit_resample(x, pd.DataFrame({"y": pd.array(values, dtype=dtype)}))
    assert more_y.dtypes.to_dict() == {"y": pd.Series(dtype=dtype).dtype}
    _, more_y = sampler.fit_resample(x.to_numpy(), values)
    assert more_y.dtype == dtype.lower()
    assert values.min() <= more_y.min() < more_y.max() <= values.max()


@pytest.mark.filterwarnings("ignore")
def test_copies_of_whole_numbers_of_any_size_are_exact():
    x = pd.DataFrame({"score": REALS, "int64": whole("int64"), "uint64": whole("uint64")})
    x["thousands"] = 1000 * RNG.integers(2**40, 2**50, N)
    sampler = Profile2Gen("bootstrap", "knn_shapley", keep_real=False)
    more_x, _ = sampler.fit_resample(x, WORDS)
    assert len(more_x.merge(x.drop_duplicates())) == len(more_x)


TIMES = {
    "days": pd.Series(pd.date_range("2020", periods=N)),
    "zoned": pd.Series(pd.date_range("2020", periods=N, freq="7h", tz="Europe/Berlin")),
    "seconds": pd.Series(pd.date_range("2020", periods=N, freq="s").astype("datetime64[s]")),
    "lengths": pd.Series(pd.to_timedelta(np.arange(N), "min")),
    "months": pd.Series(pd.period_range("2000-01", periods=N, freq="M")),
    "dates": pd.Series([date(2020, 1, 1) + timedelta(days=n) for n in range(N)]),
    "clock": pd.Series([time(n % 24, n % 60) for n in range(N)]),
    "text": pd.Series([f"{1 + n % 28:02d}.{1 + n % 12:02d}.2021" for n in range(N)]),
    "gaps": with_gaps(list(pd.date_range("2020", periods=N)), "datetime64[ns]"),
    "money": pd.Series([f"€{7 * n}.{n % 100:02d}" for n in range(N)]),
}


@pytest.mark.filterwarnings("ignore")
def test_times_are_features_of_every_sampler_and_come_back_as_they_came():
    x = pd.DataFrame({"score": REALS, **TIMES})
    for sampler in (
        Profile2Gen("marginal", "knn_shapley", missing="impute"),
        Upsampler("smote", missing="impute"),
    ):
        more_x, more_y = sampler.fit_resample(x, WORDS)
        assert len(more_x) == len(more_y) > N
        assert more_x.dtypes.equals(x.dtypes)
        pd.testing.assert_frame_equal(more_x.head(N), x)
        made = more_x.tail(len(more_x) - N)
        for name, column in TIMES.items():
            real = column.dropna()
            assert {type(value) for value in made[name]} == {type(value) for value in real}, name
            if name not in ("text", "money"):
                assert real.min() <= made[name].min() <= made[name].max() <= real.max(), name
        assert made.text.str.fullmatch(r"\d\d\.\d\d\.2021").all()
        assert made.money.str.fullmatch(r"€\d+\.\d\d").all()


def test_text_that_names_or_describes_each_row_is_left_aside_and_said():
    notes = [f"{word} after {number} days of {word} care" for number, word in enumerate(WORDS)]
    x = pd.DataFrame({"score": REALS, "id": [f"P{n:04d}" for n in range(N)], "note": notes[::-1]})
    x["note"] = x.note.str.replace("days", "weeks").where(x.index % 2 == 0, x.note)
    with pytest.warns(UserWarning, match=r"identifiers, so set aside: id .*free text.*: note"):
        more_x, _ = Upsampler("smote").fit_resample(x, WORDS)
    made = more_x.tail(len(more_x) - N)
    assert made.id.is_unique
    assert not set(made.id) & set(x.id)
    assert made.note.isna().all()
    assert more_x.columns.tolist() == x.columns.tolist()


@pytest.mark.filterwarnings("ignore:identifiers")
def test_identifiers_that_are_drawn_follow_the_random_state_and_the_column():
    rng = np.random.default_rng(0)
    hexes = [[f"{n:08x}" for n in rng.integers(2**31, 2**32, N)] for _ in range(2)]
    x = pd.DataFrame({"score": REALS, "key": hexes[0], "other": hexes[1]})

    def drawn(state, like=x):
        more, _ = Upsampler("smote", random_state=state).fit_resample(like, WORDS)
        return more.tail(len(more) - N)

    first, again, second = drawn(3), drawn(3), drawn(4)
    assert first.key.str.fullmatch("[0-9a-f]{8}").all()
    assert first.key.tolist() == again.key.tolist()
    assert not set(first.key) & set(second.key)
    assert not set(first.key) & set(first.other)
    renamed = drawn(3, x.rename(columns={"key": "id"}))
    assert renamed.id.tolist() == first.key.tolist()


def test_a_target_of_dates_is_a_regression_and_comes_back_as_dates():
    when = pd.Series(pd.date_range("2020", periods=N), name="when")
    sampler = Profile2Gen("bootstrap", "knn_shapley", keep_real=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, more = sampler.fit_resample(pd.DataFrame({"score": REALS}), when)
    assert sampler.task_ == "regression"
    assert more.dtype == when.dtype
    assert set(more) <= set(when)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.array(REALS) + 1j, "'when' holds complex values"),
    ],
)
def test_other_dtypes_are_refused_in_one_line(values, words):
    x = pd.DataFrame({"score": REALS, "when": values})
    with pytest.raises(ValueError, match=words) as caught:
        Profile2Gen("marginal").fit_resample(x, WORDS)
    assert "\n" not in str(caught.value)


def test_numbers_beyond_the_range_seen_are_clipped_to_what_the_dtype_holds():
    read, made = pd.Series([1, 9], dtype="Int64"), pd.Series([-5, 4, 700], dtype="Int64")
    assert cast_back(made, read, pd.Series([1, 9], dtype="uint8")).tolist() == [0, 4, 255]
    floats = pd.Series([1.0, 9.0]), pd.Series([-1e300, 4.0, 1e300])
    half = cast_back(floats[1], floats[0], pd.Series([1, 9], dtype="float16"))
    assert half.tolist() == [-65504, 4, 65504]


def test_missing_values_that_the_dtype_cannot_hold_are_refused():
    made, read = pd.Series([1, None], dtype="Int64"), pd.Series([1, 2], dtype="Int64", name="age")
    with pytest.raises(UserError, match="1 synthetic values are missing, which int64 cannot hold"):
        cast_back(made, read, pd.Series([1, 2]))


@settings(max_examples=60, deadline=None)
@given(
    given_=st.lists(st.integers(0, 2**64 - 1), min_size=2, max_size=8),
    made=st.lists(st.floats(0, 1), min_size=1, max_size=8),
)
def test_floats_that_stand_for_unsigned_numbers_stay_among_them(given_, made):
    column = pd.Series(given_, dtype="uint64")
    read = column.astype(float)
    between = read.min() + np.array(made) * (read.max() - read.min())
    back = cast_back(pd.Series(between).clip(read.min(), read.max()), read, column)
    assert back.dtype == column.dtype
    assert back.between(column.min(), column.max()).all()
    assert set(cast_back(read, read, column)) <= set(given_)
