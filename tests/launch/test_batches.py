"""What one job of a cluster carries: by number, by estimated time, else an even share."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from tabsculpt.errors import UserError
from tabsculpt.launch.batches import Batch, Costs
from tabsculpt.launch.queue import JobQueue


def task(name: str, needs: Sequence[str] = (), seconds: Sequence[float | None] = ()) -> Any:
    return SimpleNamespace(
        id=name, job=SimpleNamespace(device="cpu"), needs=tuple(needs), seconds=tuple(seconds)
    )


def many(count: int, *seconds: float | None) -> list[Any]:
    return [task(str(i), [f"s{i}"], seconds) for i in range(count)]


def sizes(batch: str, tasks: Sequence[Any], width: int, room: int = 1000) -> list[int]:
    filled = Batch.read(batch).fill(JobQueue(tasks), Costs(tasks), width, room)
    taken = sorted(each.id for one in filled for each in one)
    assert taken == sorted(each.id for each in tasks[: len(taken)])
    return [len(one) for one in filled]


def test_a_number_is_a_number_of_jobs():
    assert sizes("4", many(10, 1.0), width=2) == [4, 4, 2]
    assert sizes("4", many(10, 1.0), width=2, room=1) == [4]


def test_unknown_jobs_are_dealt_out_evenly_over_what_runs_at_a_time():
    tasks = many(5)
    filled = Batch.read("10m").fill(JobQueue(tasks), Costs(tasks), 2, 1000)
    assert [[each.id for each in one] for one in filled] == [["0", "2", "4"], ["1", "3"]]
    assert sizes("10m", many(10), width=4) == [3, 3, 2, 2]
    assert sizes("10m", many(10, None), width=2) == [5, 5]


def test_known_jobs_are_put_together_until_they_fill_the_time_or_their_share_of_it():
    assert sizes("10m", many(60, 99.7), width=2) == [6] * 10  # 100 s with what is beside the steps
    assert sizes("10m", many(8, 99.7), width=4) == [2] * 4  # not 6 and 2 on four machines
    assert sizes("10m", many(60, 0.7), width=60) == [20] * 3  # a start is worth 20 s of work
    assert sizes("10m", many(3, 5000.0), width=2) == [1, 1, 1]


def test_what_jobs_took_stands_in_for_what_is_unknown():
    tasks = many(60, None)
    costs = Costs(tasks)
    costs.ended(99.7)
    filled = Batch.read("10m").fill(JobQueue(tasks), costs, 2, 1000)
    assert [len(one) for one in filled] == [6] * 10


def test_jobs_that_share_a_step_go_together_and_its_time_counts_once():
    tasks = [task(f"{s}{i}", [s, f"{s}{i}"], [400.0, 0.7]) for s in "ab" for i in range(3)]
    filled = Batch.read("10m").fill(JobQueue(tasks), Costs(tasks), 2, 1000)
    assert [[each.id for each in one] for one in filled] == [
        ["a0", "a1", "a2"],
        ["b0", "b1", "b2"],
    ]


def test_a_step_that_all_share_later_on_does_not_scatter_them():
    tasks = [task(str(i), [f"s{i}", "all"]) for i in range(8)]
    filled = Batch.read("10m").fill(JobQueue(tasks), Costs(tasks), 2, 1000)
    assert [len(one) for one in filled] == [4, 4]
    first = [task(str(i), ["all", f"s{i}"]) for i in range(8)]
    queue = JobQueue(first)
    assert [len(one) for one in Batch.read("10m").fill(queue, Costs(first), 2, 1000)] == [4]
    queue.made("all")  # the others would only have waited for it
    assert [len(one) for one in Batch.read("10m").fill(queue, Costs(first), 2, 1000)] == [2, 2]


def test_after_its_time_a_queue_begins_nothing_new_but_what_crashed_is_begun_anew():
    tasks = many(3)
    queue = JobQueue(tasks, seconds=0.0)
    assert queue.next([True, True]) is tasks[0]  # something is always done
    queue.again(tasks[0])
    assert queue.next([True, True]) is tasks[0]
    queue.over(tasks[0])
    assert queue.next([True, True]) is None
    assert not queue.waiting


@pytest.mark.parametrize("wrong", ["0", "ten", "10 minutes", "-3", "1.5"])
def test_what_is_neither_a_number_nor_a_time_is_refused(wrong):
    with pytest.raises(UserError, match=r"hydra\.launcher\.batch"):
        Batch.read(wrong)
