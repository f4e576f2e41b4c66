"""Are images generated from digits worth training on? Accuracy, FID, and two rare classes.

Run as ``python scripts/check_digits.py --outputs FOLDER [--splits N]``; some CPU minutes for each
split, of which what is done is kept in the folder. Three parts:

- ``tstr``: as many images by unet_ddpm, SMOTE, a generator of tables and the bootstrap as there
  are real ones; the accuracy of each predictor trained on them as a share of that on real images,
  and FID to the train images and to held-out ones beside what real images have. The least share
  that is asked of unet_ddpm is .90, the mean over splits of each predictor.
- ``adaptive``: two classes cut to a tenth, brought up by unet_ddpm (adaptive, upsample) or not;
  F1 of the rare classes and of all.
- ``pipelines``: traditional, preprocess and profile2gen under tstr and augmentation, one split.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pandas as pd

from tabsculpt.engine.artifacts import read_frame

PARTS = ("tstr", "adaptive", "pipelines")
GENERATORS = "unet_ddpm,smote,arf,bootstrap"
RARE = ("3", "8")
LEAST = 0.9
SAME = ("dataset=digits", "predictors=images", "seed=0", "hydra/launcher=serial")
CUT = (f"dataset.minorities=[{','.join(RARE)}]", "dataset.minority_share=0.1")


def sweep(folder: Path, *words: str) -> None:
    """Run what is missing of a sweep."""
    typed = [*SAME, *words, f"paths.outputs={folder}"]
    subprocess.run([sys.executable, "-m", "tabsculpt", "sweep", *typed], check=True)


def tstr(folder: Path, splits: str) -> bool:
    """Accuracy and FID of images of four generators; whether unet_ddpm reaches what is asked."""
    given = ("pipeline=real,traditional", "protocol=tstr", f"split.seed={splits}")
    sweep(folder, f"generator={GENERATORS}", *given)
    rows = read_frame(folder / "results")
    rows = rows[(rows.metric == "accuracy") & rows.predictor.notna()]
    real = rows[rows.pipeline == "real"].set_index(["split_seed", "predictor"]).value
    made = rows[rows.pipeline == "traditional"].set_index(["split_seed", "predictor"])
    made = made.assign(share=made.value / real.reindex(made.index)).reset_index()
    shares = made.pivot_table(index="generator", columns="predictor", values="share")
    print("\nAccuracy as a share of that on real images (mean over splits)")
    print(shares.round(3).to_string())
    print("\nReal accuracy:", real.groupby("predictor").mean().round(3).to_dict())
    quality = read_frame(folder / "quality")
    names = ["fid", "fid_held_out", "kid", "feature_recall", "feature_coverage", "membership_auc"]
    found = quality[quality.metric.isin(names) & quality.column.isna()]
    means = found.pivot_table(index="generator", columns="metric", values="value")[names]
    usual = found.groupby("metric").reference.mean()[names].rename("real images")
    print("\nBy the features of a network trained on the real train images")
    print(pd.concat([means, usual.to_frame().T]).round(3).to_string())
    return bool((shares.loc["unet_ddpm"] >= LEAST).all())


def adaptive(folder: Path, splits: str) -> bool:
    """F1 of two rare classes, and of all, with images added and without."""
    given = ("protocol=augmentation", "pipeline=real,upsample,adaptive", f"split.seed={splits}")
    sweep(folder, "generator=unet_ddpm", *CUT, *given)
    rows = read_frame(folder / "results")
    names = [*(f"f1_class_{label}" for label in RARE), "macro_f1", "accuracy"]
    rows = rows[rows.metric.isin(names) & rows.predictor.notna()]
    print("\nTwo rare classes (a tenth of 3 and 8), mean over splits")
    table = rows.pivot_table(index=["pipeline", "predictor"], columns="metric", values="value")
    print(table[names].round(3).to_string())
    return True


def pipelines(folder: Path, _: str) -> bool:
    """Every pipeline that works by segments, under two protocols."""
    given = ("pipeline=real,traditional,preprocess,profile2gen", "profiler=dataiq")
    for protocol in ("tstr", "augmentation"):
        few = ("protocol.proportions=[0.5]", "protocol.sample_seeds=[333]")
        own = few if protocol == "augmentation" else ()
        sweep(folder, "generator=unet_ddpm", f"protocol={protocol}", *given, *own)
    rows = read_frame(folder / "results")
    rows = rows[(rows.metric == "accuracy") & rows.predictor.notna()]
    print("\nAccuracy by pipeline, one split")
    keys = ["protocol", "pipeline"]
    print(rows.pivot_table(index=keys, columns="predictor", values="value").round(3).to_string())
    return bool((rows.status == "ok").all())


def main() -> None:
    """Run the parts that are asked for; exit 1 where one falls short."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--outputs", type=Path, required=True, help="folder of the sweeps")
    parser.add_argument("--splits", type=int, default=3, help="how many")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    given = parser.parse_args()
    splits = ",".join(map(str, range(given.splits)))
    parts = {"tstr": tstr, "adaptive": adaptive, "pipelines": pipelines}
    passed = [parts[name](given.outputs / name, splits) for name in given.parts]
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
