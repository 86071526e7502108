"""Pages as a browser shows them: whole, wide or narrow, with nothing asked of a network.

Needs Chromium, its driver and selenium; where they are missing the tests are skipped.
"""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forecast.data.prices import Prices
from forecast.reporting.pages.document import Sample, Section, Table, page
from forecast.reporting.pages.index import index
from forecast.reporting.pages.zoom import zoomable
from forecast.reporting.pictures.colours import contrast
from tests.reporting import made
from tests.reporting.pages import made as pages_made

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
if not CHROMIUM or not DRIVER:
    pytest.skip("chromium and chromedriver are not installed", allow_module_level=True)

PAPER = 670  # dots between the margins of A4
HOSTILE = "<script>document.title='owned'</script>"
ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--no-first-run", "--disable-dev-shm-usage", "--hide-scrollbars"),
)
WORDS = """
const seen = [];
for (const each of document.querySelectorAll('body *')) {
  const own = [...each.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  const style = getComputedStyle(each);
  if (own && style.display !== 'none' && !each.closest('.unseen, .skip, .order:not(:target)'))
    seen.push([each.textContent.trim().slice(0, 40),
               each.closest('svg') ? style.fill : style.color]);
}
return [getComputedStyle(document.body).backgroundColor, seen];
"""


# Of each word in a picture that is shown: its height, and how far it reaches beyond the picture.
LETTERS = """
const seen = [];
for (const picture of document.querySelectorAll('svg')) {
  const box = picture.getBoundingClientRect();
  const scale = box.width / picture.viewBox.baseVal.width;
  if (box.width) for (const word of picture.querySelectorAll('text')) {
    const own = word.getBoundingClientRect();
    seen.push({words: word.textContent, size: scale * parseFloat(getComputedStyle(word).fontSize),
               beyond: Math.max(box.left - own.left, own.right - box.right,
                                box.top - own.top, own.bottom - box.bottom,
                                box.right - innerWidth)});
  }
}
return seen;
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (*ARGUMENTS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    run = made.run(command="forecast fit GOOG --source sample", versions={"python": "3.11"})
    hostile = replace(run, ticker=HOSTILE, notes=(HOSTILE,), findings=(HOSTILE * 20,))
    row = {"ticker": "GOOG", "folder": "GOOG", "forecaster": "gru", "horizon": 1, "verdict": "no"}
    rows = [row | {"scores": {"skill": at / 10, "n": 5}} for at in range(30)]
    words = [
        Sample("ROMEO:\nWhat light " + "x" * 300),
        Table("Loss", ("epoch", "loss"), [("1", "2")]),
    ]
    made_pages = {
        "text": pages_made.shown(pages_made.text_lesson()),
        "translator": pages_made.shown(pages_made.translator_lesson()),
        "report": pages_made.reported(run),
        "hostile": pages_made.reported(hostile),
        "index": index(rows),
        "words": page("A character model", [Section("Samples", words)]),
    }
    place = tmp_path_factory.mktemp("pages")
    for name, content in made_pages.items():
        (place / f"{name}.html").write_bytes(content)
    return {name: place / f"{name}.html" for name in made_pages}


def show(browser: Any, path: Path, width: int, theme: str, media: str = "") -> None:
    shown = {"media": media, "features": [{"name": "prefers-color-scheme", "value": theme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", shown)
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(path.as_uri())


def asked_of_others(browser: Any, path: Path) -> list[str]:
    """Addresses that the page asked for, without itself and what it carries inside."""
    events = [json.loads(each["message"])["message"] for each in browser.get_log("performance")]
    urls = [
        each["params"]["request"]["url"]
        for each in events
        if each["method"] == "Network.requestWillBeSent"
    ]
    return [url for url in urls if not url.startswith(("data:", path.as_uri()))]


def hexadecimal(colour: str) -> str:
    red, green, blue = map(int, re.findall(r"\d+", colour)[:3])
    return f"#{red:02x}{green:02x}{blue:02x}"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("name", ["report", "hostile", "index", "words", "text", "translator"])
def test_a_page_is_shown_whole_without_errors_or_requests(
    browser: Any, pages: dict[str, Path], name: str, width: int, theme: str
) -> None:
    show(browser, pages[name], width, theme)
    assert browser.get_log("browser") == []
    assert asked_of_others(browser, pages[name]) == []
    assert browser.title != "owned"
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    # A style that the policy had refused would leave the page as wide as the window.
    assert browser.execute_script("return getComputedStyle(document.body).maxWidth") != "none"


@pytest.mark.parametrize("name", ["report", "index", "text", "translator"])
def test_a_page_is_as_wide_as_paper(browser: Any, pages: dict[str, Path], name: str) -> None:
    show(browser, pages[name], PAPER, "light", media="print")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= PAPER


@pytest.mark.parametrize("name", ["report", "index", "text", "translator"])
def test_tables_are_read_on_a_phone_without_moving_them(
    browser: Any, pages: dict[str, Path], name: str
) -> None:
    show(browser, pages[name], 375, "light")
    frames = browser.execute_script(
        "return [...document.querySelectorAll('.scroll:has(table)')].map(each =>"
        " [each.scrollWidth - each.clientWidth, each.innerText.slice(0, 60)])"
    )
    assert frames
    assert [frame for frame in frames if frame[0] > 0] == []


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("name", ["report", "text", "translator"])
def test_pictures_fit_the_page_and_their_words_are_large_enough_and_whole(
    browser: Any, pages: dict[str, Path], name: str, width: int
) -> None:
    show(browser, pages[name], width, "light")
    words = browser.execute_script(LETTERS)
    assert len(words) > 10
    assert [told for told in words if told["size"] < 10.5 or told["size"] > 17] == []
    assert [told for told in words if told["beyond"] > 1.5] == []
    moved = "each => each.clientWidth > 1 && each.scrollWidth > each.clientWidth"
    told = f"return [...document.querySelectorAll('figure div')].filter({moved}).length"
    assert browser.execute_script(told) == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_word_of_a_report_can_be_read_by_day_and_by_night(
    browser: Any, pages: dict[str, Path], theme: str
) -> None:
    show(browser, pages["report"], 1280, theme)
    ground, words = browser.execute_script(WORDS)
    assert len(words) > 200
    assert (contrast(hexadecimal(ground), "#ffffff") > 4.5) == (theme == "dark")
    faint = [
        (text, colour)
        for text, colour in words
        if contrast(hexadecimal(colour), hexadecimal(ground)) < 4.5
    ]
    assert faint == []


def test_a_page_that_can_be_zoomed_draws_its_candles_without_a_network(
    browser: Any, tmp_path: Path
) -> None:
    pytest.importorskip("plotly")
    table = made.closes().to_frame()
    prices = Prices.of("GOOG", table.assign(open=table, high=table + 2, low=table - 2))
    path = tmp_path / "interactive.html"
    path.write_bytes(zoomable(made.run(), prices))
    show(browser, path, 1280, "light")
    assert browser.get_log("browser") == []
    assert asked_of_others(browser, path) == []
    assert browser.find_elements("css selector", "#chart .boxlayer .trace")


def test_another_order_is_one_click_away_and_needs_no_script(
    browser: Any, pages: dict[str, Path]
) -> None:
    show(browser, pages["index"], 1280, "light")
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.find_element("link text", "Worst first").click()
        shown = [each for each in browser.find_elements("tag name", "table") if each.is_displayed()]
        first = shown[0].find_elements("css selector", "tbody tr")[0].text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert len(shown) == 1
    assert "+0.00 %" in first
