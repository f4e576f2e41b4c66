"""Take pictures of a report: the example sweep, at the widths of a phone, a laptop and a desk.

Run as ``python scripts/report_pictures.py --outputs FOLDER [--save]``; the sweep takes some CPU
minutes and is kept in the folder. Two data sets, three generators, five pipelines (real rows alone
among them), three splits, two seeds, as `SWEEP` says. ``report_390.png``, ``report_1024.png`` and
``report_1600.png`` show the first screen; with ``_whole`` in its name one shows the whole page.
With ``--save`` the one of 1,024 pixels is left as ``docs/report.png``. Needs chromium and
chromedriver (``make browser``) and the package selenium.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

SWEEP = (
    "dataset=heart,sklearn_diabetes", "generator=arf,bayesian_network,bootstrap",
    "pipeline=real,traditional,preprocess,profile2gen,random_drop", "protocol=tstr",
    "split.seed=0,1,2", "seed=0,1", "hydra/launcher=serial",
)  # fmt: skip
SCREENS = {390: 844, 1024: 1340, 1600: 1000}
"""Height of the first screen by width, in pixels."""
PICTURE = Path(__file__).parents[1] / "docs" / "report.png"
SAVED = 1024
LONGEST = 16000
READY = "return document.documentElement.dataset.ready"


def tabsculpt(*words: str) -> None:
    """Run a command of the package."""
    subprocess.run([sys.executable, "-m", "tabsculpt", *words], check=True)


def take(page: Path, folder: Path) -> dict[int, Path]:
    """Pictures of a page by width, its first screen and the whole of it.

    Args:
        page: an HTML file.
        folder: gets the pictures.
    """
    from selenium import webdriver
    from selenium.webdriver.support.wait import WebDriverWait

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for word in (
        "--headless=new",
        "--no-sandbox",
        "--hide-scrollbars",
        "--disable-gpu",
        "--disable-dev-shm-usage",
    ):
        options.add_argument(word)
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    found = {}
    try:
        for width, height in SCREENS.items():
            screen = {
                "width": width,
                "height": height,
                "deviceScaleFactor": 1,
                "mobile": width < 600,
            }
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
            driver.get(page.resolve().as_uri())
            WebDriverWait(driver, 60).until(lambda here: here.execute_script(READY) == "yes")
            found[width] = folder / f"report_{width}.png"
            driver.save_screenshot(str(found[width]))
            whole = driver.execute_script("return document.documentElement.scrollHeight")
            screen["height"] = min(int(whole), LONGEST)
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
            driver.save_screenshot(str(folder / f"report_{width}_whole.png"))
    finally:
        driver.quit()
    return found


def main() -> None:
    """Run what is missing of the sweep, write the report, and take the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--outputs", type=Path, required=True, help="folder of the sweep")
    parser.add_argument("--page", type=Path, help="pictures of this report alone, without a sweep")
    parser.add_argument("--save", action="store_true", help="leave one as docs/report.png")
    given = parser.parse_args()
    page = given.page
    if page is None:
        tabsculpt("sweep", *SWEEP, f"paths.outputs={given.outputs}")
        tabsculpt("report", f"paths.outputs={given.outputs}")
        page = given.outputs / "reports" / "all" / "report.html"
    given.outputs.mkdir(parents=True, exist_ok=True)
    pictures = take(page, given.outputs)
    for path in pictures.values():
        print(path)
    if given.save:
        shutil.copyfile(pictures[SAVED], PICTURE)


if __name__ == "__main__":
    main()
