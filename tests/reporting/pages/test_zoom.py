"""The page to zoom into runs the scripts it names, loads nothing, and stays the same."""

import base64
import hashlib
import re
from dataclasses import replace

import pytest

from forecast.data.prices import Prices
from forecast.reporting.pages.zoom import zoomable
from tests.reporting import made

pytest.importorskip("plotly")
HOSTILE = "</script><script>document.title='owned'</script>"
PRICES = Prices.of("GOOG", made.closes().to_frame(), source="sample")
CANDLES = Prices.of(
    "GOOG", made.closes().to_frame().assign(open=99.0, high=999.0, low=9.0), source="sample"
)


def test_the_policy_names_every_script_and_allows_no_address() -> None:
    page = zoomable(made.run(), CANDLES).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) >= 2
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy[1]
    assert policy[1].startswith("default-src 'none'")
    assert "http" not in policy[1]
    assert '"candlestick"' in scripts[-1]


def test_closes_alone_are_a_line_and_a_hostile_name_stays_text() -> None:
    run = made.run()
    answers = run.answers.assign(ticker=HOSTILE)
    page = zoomable(replace(run, ticker=HOSTILE, answers=answers), PRICES).decode()
    assert "<script>document.title" not in page
    assert '"type":"candlestick"}' not in page.rsplit("<script", 1)[1]


def test_the_same_run_gives_the_same_bytes() -> None:
    assert zoomable(made.run(), CANDLES) == zoomable(made.run(), CANDLES)
