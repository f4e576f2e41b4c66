"""What is imported when: heavy libraries by their users only, broken ones by nobody."""

from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "torch sklearn scipy autogluon sdv ctgan rdt lightgbm xgboost catboost fastai openml cleanlab "
    "zuko pgmpy imblearn transformers be_great mostlyai statsmodels opacus"
)

FASTAI = """
import sys
import numpy as np
import pandas as pd
from tabsculpt.predictors.autogluon import AutoGluon
from tabsculpt.table import Column, Kind, Schema, Task, conform
x = np.random.default_rng(0).normal(size=60)
schema = Schema((Column("x", Kind.CONTINUOUS), Column("y", Kind.CONTINUOUS)), "y", Task.REGRESSION)
table = conform(pd.DataFrame({"x": x, "y": 2 * x}), schema)
train, validation = table.take(np.arange(45)), table.take(np.arange(45, 60))
model = AutoGluon("FASTAI").fit(train, validation, 0)
print(len(model.predict(table.features)), "fastai" in sys.modules)
print([name for name in ("torchvision", "spacy") if name in sys.modules])
"""

EVERY_MODULE = """
import importlib, pkgutil, sys
import tabsculpt
names = [m.name for m in pkgutil.walk_packages(tabsculpt.__path__, "tabsculpt.")]
for name in names:
    # A network's classes need torch at their definition, and samplers scikit-learn: these files
    # are imported where they are used.
    torch = "generators.par.network generators.tabformer.transformer predictors.torch_network"
    torch += " generators.rgan.network"
    torch += " generators.encoding.periodic generators.tvae.networks"
    torch += " generators.ctgan.networks generators.ctgan.blocks generators.ctgan.adversary"
    torch += " generators.ctgan.variational generators.training.mixture generators.training.dropout"
    torch += " generators.dp_nade.network generators.dp_nade.training"
    torch += " generators.cdtd.network generators.cdtd.schedule generators.cdtd.solver"
    torch += " generators.text_lm.transformer generators.unet_ddpm.network vision.network"
    late = ["__main__", "samplers.base", "samplers.estimators", *torch.split()]
    if name.removeprefix("tabsculpt.") not in late:
        importlib.import_module(name)
print(len(names), [name for name in sys.argv[1].split() if name in sys.modules])
"""

COMMAND_LINE = """
import sys
import tabsculpt.cli.main
print([name for name in (sys.argv[1] + " pandas numpy hydra").split() if name in sys.modules])
"""

PACKAGE = """
import sys
import tabsculpt
names = sys.argv[1] + " pandas numpy hydra"
print([n for n in dir(tabsculpt) if n[0].isupper() and n != "TYPE_CHECKING"])
print([name for name in names.split() if name in sys.modules])
tabsculpt.Upsampler
print([name for name in names.split() if name in sys.modules])
"""


def output(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_fastai_is_trained_without_torchvision_and_spacy():
    assert output(FASTAI) == "60 True\n[]\n"


def test_no_module_imports_a_heavy_library_at_its_top():
    count, found = output(EVERY_MODULE, HEAVY).split(" ", 1)
    assert int(count) > 60
    assert found == "[]\n"


def test_the_command_line_starts_without_the_rest():
    assert output(COMMAND_LINE, HEAVY) == "[]\n"


def test_the_package_gives_its_samplers_and_imports_what_they_need_when_asked():
    names, before, after = output(PACKAGE, HEAVY).splitlines()
    assert names == "['Any', 'Profile2Gen', 'TargetedAugmentation', 'Upsampler']"
    assert before == "[]"
    assert "'imblearn'" in after
    assert "'torch'" not in after
