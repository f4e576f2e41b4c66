"""The pages of papers in the documentation, and the overview of them."""

from __future__ import annotations

import pytest

import paper_pages
from tabsculpt.papers.source import read_paper

PAGES = {path.stem: path.read_text(encoding="utf-8") for path in paper_pages.PAGES.glob("*.md")}
MADE_UP = """\
# small_classification: section 7, set beside results

The command runs what is missing. Of 9 jobs 4 ended well. Verdicts on its figures: holds: 2.

## What was run

Rows of 2026-11-29. Of 9 jobs 4 ended well, 2 failed, 1 left out, as the budget was over, \
2 left out, as each takes longer than a quarter of the budget (30 s). Computed in \
1,234 s of CPU time.

| data set | generator or profiler | jobs | ended well | failed | cannot work | left out \
| CPU time |
| --- | --- | --- | --- | --- | --- | --- | --- |
| heart | ctgan | 5 | 3 | 1 | 0 | 1 | 66 s |
| titanic | ctgan | 4 | 1 | 1 | 0 | 2 | 26 s |

| jobs | why they failed, cannot work or were left out | such as |
| --- | --- | --- |
| 2 | failed: ValueError: no way | titanic ctgan |
"""


def test_the_overview_is_of_the_pages_that_are_there():
    text = paper_pages.OVERVIEW.read_text(encoding="utf-8")
    assert paper_pages.with_overview(text, dict(sorted(PAGES.items()))) == text
    assert all(f"(papers/{name}.md)" in text for name in PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_the_package_says_of_differences(name):
    assert paper_pages.with_reasons(name, PAGES[name]) == PAGES[name]
    for sentence in read_paper(name).why:
        assert f"\n- {sentence}\n" in PAGES[name]


def test_counts_are_added_up_and_reasons_kept():
    table = paper_pages.overview({"small_classification": MADE_UP})
    assert table.splitlines()[2] == (
        "| [small_classification](papers/small_classification.md) | 9 | 4 | 2 | 0 | 3 | "
        "1 left out, as the budget was over; 2 left out, as each takes longer than a quarter of "
        "the budget (30 s); 2: failed: ValueError: no way | 1,234 s | holds: 2 |"
    )
    with pytest.raises(SystemExit, match="none of reproduce"):
        paper_pages.overview({"other": "# Other\n"})
