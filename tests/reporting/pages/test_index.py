"""Many tickers on one page, in three orders, each leading to its own page."""

import json
import re
from pathlib import Path
from urllib.parse import unquote

from forecast.reporting.pages.index import write_index


def result(out: Path, folder: str, ticker: str, skill: float | None) -> None:
    score = {"forecaster": "gru", "horizon": 1, "n": 100, "mae": 1.0, "skill": skill}
    told = {
        "ticker": ticker,
        "forecaster": "gru",
        "horizon": 1,
        "verdict": "better than the last close" if (skill or 0) > 0 else "no better",
        "scores": [score | {"p_holm": 0.5, "coverage80": 0.8}],
    }
    (out / folder).mkdir()
    (out / folder / "scores.json").write_text(json.dumps(told))
    (out / folder / "report.html").write_text("")


def orders(page: str) -> list[list[str]]:
    tables = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    return [re.findall(r"<a href=\"[^\"]*\">([^<]*)</a>", table) for table in tables]


def test_best_worst_and_names_come_first_and_what_has_no_skill_comes_last(tmp_path: Path) -> None:
    for ticker, skill in (("B", 0.2), ("A", -0.1), ("D", None), ("C", 0.1)):
        result(tmp_path, ticker, ticker, skill)
    place = write_index(tmp_path)
    assert place is not None
    page = place.read_text()
    assert orders(page) == [list("BCAD"), list("ACBD"), list("ABCD")]
    assert "4 tickers; 2 better than the last close" in page
    assert "<script" not in page


def test_links_lead_to_the_pages_whatever_a_ticker_is_called(tmp_path: Path) -> None:
    result(tmp_path, "%5EGSPC", "^GSPC", 0.1)
    result(tmp_path, "x", '<b>"x"</b>', 0.2)
    page = write_index(tmp_path)
    assert page is not None
    links = set(re.findall(r"<a href=\"([^#\"][^\"]*)\">", page.read_text()))
    assert len(links) == 2
    assert all((tmp_path / unquote(link)).is_file() for link in links)
    assert "&lt;b&gt;&#34;x&#34;&lt;/b&gt;" in page.read_text()
    assert '<b>"x"' not in page.read_text()


def test_one_ticker_needs_no_index_and_a_damaged_result_is_left_out(tmp_path: Path) -> None:
    result(tmp_path, "A", "A", 0.1)
    result(tmp_path, "B", "B", 0.1)
    (tmp_path / "B/scores.json").write_text("{")
    assert write_index(tmp_path) is None
