"""The rarest class of the train part is cut, for every pipeline alike, and the test part is not."""

from __future__ import annotations

import numpy as np
import pytest

from tabsculpt.config.compose import load
from tabsculpt.engine.runner import Runner, refusals
from tabsculpt.engine.store import Store
from tabsculpt.errors import UserError
from tabsculpt.jobs.graph import build_graph, split_parts
from tabsculpt.jobs.job import Job


def parts(tmp_path, *overrides):
    job = Job.of(load(["dataset=breast_cancer", *overrides]))
    runner = Runner(Store(tmp_path), lambda _step, _done: None)
    with refusals():
        return [runner.result(step) for step in split_parts(job, job.source.load(), runner.result)]


def test_the_rarest_class_keeps_its_share_and_the_others_all_rows(tmp_path):
    whole, test = parts(tmp_path)
    cut, same = parts(tmp_path, "split.minority=0.05")
    sizes, before = np.bincount(cut.target), np.bincount(whole.target)
    assert before.argmin() == 0
    assert sizes[1] == before[1]
    assert sizes[0] == round(0.05 / 0.95 * before[1])
    assert len(cut.frame.merge(whole.frame.drop_duplicates())) == len(cut)
    assert same.frame.equals(test.frame)


def test_rows_of_a_smaller_share_are_among_those_of_a_larger_one(tmp_path):
    few, some = (parts(tmp_path, f"split.minority={share}")[0].frame for share in ("0.01", "0.05"))
    other = parts(tmp_path, "split.minority=0.01", "split.seed=1")[0].frame
    assert 0 < len(few) < len(some)
    assert len(few.merge(some.drop_duplicates())) == len(few)
    assert not other.equals(few)


def test_every_pipeline_sees_the_same_cut_rows_and_the_results_say_so(tmp_path):
    keys = set()
    for pipeline in ("real", "traditional", "upsample"):
        asked = [f"pipeline={pipeline}", "generator=naive", "split.minority=0.02"]
        job = Job.of(load(["dataset=breast_cancer", *asked]))
        runner = Runner(Store(tmp_path), lambda _step, _done: None)
        keys.add(build_graph(job, job.source.load(), runner.result).train.key)
        assert "minority=0.02" in job.evaluation()
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["split.minority=0.6"], "which has 142 beside 239 others: expected from 0.0042 to 0.37"),
        (["split.minority=0.0001"], "would be 0 rows of class '0'"),
        (["split.minority=2"], "split.minority is 2.0; expected a share between 0 and 1"),
        (["dataset=sklearn_diabetes", "split.minority=0.1"], "'target' is a number"),
    ],
)
def test_an_impossible_share_is_refused(tmp_path, overrides, words):
    with pytest.raises(UserError, match=words):
        parts(tmp_path, *overrides)
