"""What a shell is told when it asks how a command may go on."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from tabsculpt.cli.main import app


def completed(*words: str) -> list[str]:
    """What bash is told; the last word is the one that is being typed."""
    line = {"COMP_WORDS": "\n".join(["tabsculpt", *words]), "COMP_CWORD": str(len(words))}
    asked = {"_TABSCULPT_COMPLETE": "complete_bash", **line}
    done = CliRunner().invoke(app, [], env=asked, prog_name="tabsculpt")
    assert done.exit_code == 0, done.output
    return done.stdout.split()


@pytest.mark.parametrize(
    ("typed", "reported"),
    [
        ("run dataset=ad", ["dataset=adult"]),
        ("run generator=arf,ddpm", ["generator=arf,ddpm", "generator=arf,ddpm_paper"]),
        ("run profiler=cle", ["profiler=cleanlab"]),
        ("sweep experiment=smo", ["experiment=smoke"]),
        ("run protocol=t", ["protocol=trtr", "protocol=tstr"]),
        ("run profi", ["profiler=" + name for name in ("agreement", "aum", "auto")]),
        ("plan split.s", ["split.seed=", "split.selection="]),
        ("run split.test", ["split.test_size=0.33"]),
        ("run generator=arf generator.leaf", ["generator.leaf_rows=5"]),
        ("run predictors.kn", ["predictors.knn.neighbours=", "predictors.knn.max_rows="]),
        ("run hydra/launcher=se", ["hydra/launcher=serial"]),
        ("run hydra.launcher.jobs_", ["hydra.launcher.jobs_per_gpu=1"]),
        ("run baseline=", ["baseline=true", "baseline=false"]),
        ("run device=c", ["device=cpu", "device=cuda"]),
        ("generate rows", ["rows=1000"]),
        ("advise budget=1", ["budget=10m", "budget=1h"]),
        ("results pipeline=prof", ["pipeline=profile2gen"]),
        ("tests metric=rm", ["metric=rmse"]),
        ("status exp", [f"experiment={name}" for name in ("adaptive", "asdf")]),
        ("report --experiment up", ["upsampling"]),
        ("list gen", ["generator"]),
        ("list generator=sm", ["generator=smote", "generator=smotenc", "generator=smoter"]),
        ("new exp", ["experiment"]),
        ("new experiment first generator=arf,boo", ["generator=arf,bootstrap"]),
        ("store ver", ["verify"]),
        ("sto", ["store"]),
        ("sweep --for", ["--force"]),
        ("status --j", ["--json"]),
        ("run zzz", []),
        ("run generator.zzz", []),
        ("run dataset.path=", []),
    ],
)
def test_what_is_typed_is_completed(typed, reported):
    assert completed(*typed.split())[: len(reported) or None] == reported


def test_nothing_typed_yet_shows_groups_and_settings():
    reported = completed("run", "")
    assert {"dataset=", "generator=", "hydra/launcher=", "seed=", "split.test_size="} <= set(
        reported
    )


def test_bash_splits_words_at_the_sign_and_is_given_the_rest():
    assert completed("run", "dataset", "=", "ad") == ["adult"]
    assert "wine" in completed("run", "dataset", "=")
    assert completed("run", "generator", "=", "arf", "generator.leaf") == ["generator.leaf_rows=5"]


def test_choices_of_ones_own_are_completed(tmp_path):
    (tmp_path / "generator").mkdir()
    (tmp_path / "generator" / "my_own.yaml").write_text("_target_: my_own.MyOwn\nwidth: 7\n")
    own = ["run", "--config-dir", str(tmp_path)]
    assert completed(*own, "generator=my") == ["generator=my_own"]
    assert completed(*own, "generator=my_own", "generator.w") == ["generator.width=7"]
