"""The page in a browser: drawn, read on a phone and a desk, used, and left alone by the network."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import needs
from tabsculpt.cli.main import app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SWEEP = ["generator=bootstrap,marginal", "pipeline=real,traditional,profile2gen", "seed=0,1"]
SWEEP += ["hydra/launcher=serial"]  # for the page alone; test_workers has the processes
FLAWS = """
const found = [];
const inside = (node, box) => {
  const r = node.getBoundingClientRect();
  return r.left >= box.left - 1 && r.right <= box.right + 1;
};
for (const figure of document.querySelectorAll("figure")) {
  const svg = figure.querySelector("svg[role=img]");
  const marks = svg.querySelectorAll("[data-tip]");
  if (!marks.length) found.push(`${figure.id}: nothing drawn`);
  if (svg.outerHTML.includes("NaN")) found.push(`${figure.id}: a place that is no number`);
  const box = figure.getBoundingClientRect();
  for (const node of svg.querySelectorAll("*"))
    if (!inside(node, box)) found.push(`${figure.id}: ${node.outerHTML.slice(0, 150)} is outside`);
  for (const label of svg.querySelectorAll("text.axis"))
    for (const other of svg.querySelectorAll("text:not(.axis)")) {
      const [a, b] = [label.getBoundingClientRect(), other.getBoundingClientRect()];
      const apart = a.left > b.right - 1 || b.left > a.right - 1;
      if (!apart && a.top < b.bottom - 2 && b.top < a.bottom - 2)
        found.push(`${figure.id}: ${label.textContent} overlaps ${other.textContent}`);
    }
  const caption = figure.querySelector("figcaption").textContent;
  if (!/ ran/.test(caption)) found.push(`${figure.id}: no counts`);
}
const page = document.documentElement;
if (page.scrollWidth > innerWidth) found.push(`${page.scrollWidth} pixels of ${innerWidth}`);
return found;
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    result = CliRunner().invoke(app, ["sweep", *SWEEP, f"paths.outputs={folder}"])
    assert result.exit_code == 0, result.output
    return report_of(folder)


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    script = Path(__file__).parents[2] / "scripts" / "benchmark_report.py"
    spec = importlib.util.spec_from_file_location("benchmark_report", script)
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made  # where dataclasses look for their annotations
    spec.loader.exec_module(made)
    folder = tmp_path_factory.mktemp("large")
    grid = made.Grid(datasets=4, generators=5, seeds=2, strata=0, fail=40)
    made.make_outputs(grid, folder)
    assert len(list((folder / "results").glob("*.parquet"))) == 248
    return report_of(folder)


@pytest.fixture(scope="module")
def browser():
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = needs.chromium()
    for switch in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(needs.chromedriver())
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


def report_of(folder: Path) -> Path:
    result = CliRunner().invoke(app, ["report", "--outputs", str(folder)])
    assert result.exit_code == 0, result.output
    return folder / "reports" / "all" / "report.html"


def show(browser, page: Path, width: int = 1400, dark: bool = False) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    for log in ("browser", "performance"):
        browser.get_log(log)  # what earlier pages said
    browser.get(page.as_uri())
    ready = "return document.documentElement.dataset.ready"
    WebDriverWait(browser, 60).until(lambda here: here.execute_script(ready) == "yes")


def requested(browser) -> set[str]:
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    return {of["request"]["url"] for of in sent}


def count(browser, table: str) -> int:
    text = f"return document.querySelector('#table-{table} .tools span').textContent"
    return int(browser.execute_script(text).split(" ")[0])


def column(browser, table: str, name: str) -> list[str]:
    return browser.execute_script(
        """const table = document.querySelector(`#table-${arguments[0]} table`);
        const heads = [...table.querySelectorAll("thead th")].filter((th) => !th.hidden);
        const place = heads.findIndex((th) => th.textContent === arguments[1]);
        const rows = [...table.querySelectorAll("tbody tr")];
        return rows.map((row) => row.children[place].textContent)""",
        table,
        name,
    )


def choose(browser, label: str, value: str) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.select import Select

    Select(browser.find_element(By.CSS_SELECTOR, f"[aria-label='{label}']")).select_by_value(value)


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", ["small", "large"])
def test_every_figure_is_drawn_and_nothing_sticks_out(browser, request, size, width, dark):
    page = request.getfixturevalue(size)
    show(browser, page, width, dark)
    assert browser.execute_script(FLAWS) == []
    assert browser.execute_script("return document.querySelectorAll('figure').length") >= 5
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(17, 20, 24)" if dark else "rgb(255, 255, 255)")
    assert [entry["message"] for entry in browser.get_log("browser")] == []
    assert {url for url in requested(browser) if not url.startswith("data:")} == {page.as_uri()}


def test_every_choice_of_every_figure_can_be_drawn(browser, large):
    show(browser, large, 400)
    drawn = browser.execute_script(
        """let drawn = 0;
        const labels = [...document.querySelectorAll("figure select")].map((s) => s.ariaLabel);
        for (const label of labels) for (const place of [0, 1, 2, 3, 4]) {
          const select = document.querySelector(`[aria-label="${label}"]`);
          if (!select || place >= select.options.length) continue;
          select.value = select.options[place].value;
          select.dispatchEvent(new Event("change"));
          const again = document.querySelector(`[aria-label="${label}"]`) || select;
          if (again.closest("figure").querySelector(".plot [data-tip]")) drawn += 1;
          else throw new Error(`${label} ${place}`);
        }
        return drawn"""
    )
    assert drawn > 40
    assert browser.execute_script(FLAWS) == []


def test_the_whole_page_is_filtered(browser, large):
    show(browser, large)
    whole = count(browser, "scores")
    choose(browser, "whole page: dataset", "table_2")
    assert count(browser, "scores") == whole / 4
    assert set(column(browser, "scores", "data set")) == {"table_2"}
    shown = browser.execute_script(
        "return document.querySelector('#figure-predictors select').selectedOptions[0].value"
    )
    assert shown == "table_2"
    choose(browser, "whole page: dataset", "")
    assert count(browser, "scores") == whole


def test_a_table_is_filtered_and_sorted(browser, large):
    from selenium.webdriver.common.by import By

    show(browser, large)
    choose(browser, "Scores: pipeline", "profile2gen")
    search = browser.find_element(By.CSS_SELECTOR, "[aria-label='Filter Scores']")
    search.send_keys("generator_3")
    assert count(browser, "scores") == 4 * (1 + 4)  # data sets x (tstr and four proportions)
    assert set(column(browser, "scores", "generator")) == {"generator_3"}
    heading = "//*[@id='table-scores']//th/button[text()='mean']"
    for direction in (1, -1):
        browser.find_element(By.XPATH, heading).click()
        values = [float(text) for text in column(browser, "scores", "mean")]
        assert values == sorted(values, reverse=direction < 0)
        assert len(set(values)) > 10


def test_a_row_opens_on_its_configuration_and_seed(browser, small):
    from selenium.webdriver.common.by import By

    show(browser, small)
    choose(browser, "Scores: pipeline", "profile2gen")
    browser.find_element(By.CSS_SELECTOR, "#table-scores tbody .open").click()
    reported = browser.find_element(By.CSS_SELECTOR, "#table-scores tr.detail").text
    assert "seed 0" in reported
    assert "seed 1" in reported
    assert "tabsculpt run dataset=sklearn_diabetes generator=bootstrap" in reported


def test_the_legend_hides_a_series_and_hovering_tells_a_value(browser, small):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By

    show(browser, small)
    marks = "#figure-predictors svg[role=img] [data-tip^='traditional']"
    assert len(browser.find_elements(By.CSS_SELECTOR, marks)) > 0
    button = "//*[@id='figure-predictors']//*[@class='legend']/button[text()='traditional']"
    browser.find_element(By.XPATH, button).click()
    assert browser.find_elements(By.CSS_SELECTOR, marks) == []
    browser.find_element(By.XPATH, button).click()
    mark = browser.find_elements(By.CSS_SELECTOR, f"{marks}:not(line)")[-1]
    ActionChains(browser).scroll_to_element(mark).move_to_element(mark).perform()
    tip = browser.find_element(By.ID, "tip").text.split("\n")
    assert tip[0] == "traditional"
    assert 40 < float(tip[-1]) < 100  # RMSE of the diabetes table


def test_the_answer_fits_the_first_screen_of_a_phone(browser, small):
    show(browser, small, 390)
    places = browser.execute_script(
        """const box = (what) => document.querySelector(what).getBoundingClientRect();
        const badge = box("table.answers .badge");
        return [badge.left, badge.right, badge.bottom, box("table.answers").bottom]"""
    )
    left, right, bottom, end = places
    assert (left >= 0, right <= 390, bottom < 300, end < 844) == (True, True, True, True)


def test_the_head_of_a_table_stays_when_its_rows_are_scrolled(browser, large):
    show(browser, large)
    before, after, first = browser.execute_script(
        """const box = document.querySelector("#table-scores .scroll");
        const head = () => box.querySelector("thead th button").getBoundingClientRect().top;
        const top = head();
        box.scrollTop = 200;
        const row = box.querySelector("tbody tr").getBoundingClientRect().top;
        return [top, head(), row]"""
    )
    assert after == pytest.approx(before, abs=1)
    assert first < after - 100


def test_a_printed_page_has_every_text_open_on_white(browser, small):
    show(browser, small, dark=True)
    state = """const folded = [...document.querySelectorAll("details")];
        return [folded.length, folded.filter((one) => one.open).length,
                document.documentElement.classList.contains("dark")]"""
    number, none, dark = browser.execute_script(state)
    assert (number >= 3, none, dark) == (True, 0, True)
    browser.execute_script('dispatchEvent(new Event("beforeprint"))')
    assert browser.execute_script(state) == [number, number, False]
    browser.execute_script('dispatchEvent(new Event("afterprint"))')
    assert browser.execute_script(state) == [number, 0, True]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    hidden = "return getComputedStyle(document.querySelector('nav')).display"
    assert browser.execute_script(hidden) == "none"
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_an_arm_has_one_colour_in_all_figures(browser, large):
    show(browser, large)
    colours = browser.execute_script(
        """const found = {};
        for (const button of document.querySelectorAll(".legend button")) {
          const mark = button.querySelector("svg > *");
          const name = button.textContent;
          (found[name] ||= []).push(mark.tagName + mark.getAttribute("style"));
        }
        return found"""
    )
    several = {name: set(looks) for name, looks in colours.items() if len(looks) > 2}
    assert {"real", "traditional", "profile2gen"} <= several.keys()
    assert {name for name, looks in several.items() if len(looks) > 1} == set()
