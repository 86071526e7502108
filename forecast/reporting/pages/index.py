"""The page of many tickers: a line for each, sorted by skill or name."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from forecast.data.files import prepare, read_whole, write_whole
from forecast.reporting.formats import UNREADABLE, from_json
from forecast.reporting.glossary import entry
from forecast.reporting.history import MOST_BYTES, REPORT, SCORES
from forecast.reporting.pages.document import Link, Orders, Section, Table, page
from forecast.reporting.wording import count, plain

SHOWN = ("n", "mae", "skill", "p_holm", "coverage80")
INDEX = "index.html"


def write_index(out: Path) -> Path | None:
    """Write the page of all results in `out`, and return it; with fewer than two there is none.

    A folder that cannot be read is left out.

    Raises:
        OutputError: it cannot be written.
    """
    every = [_headline(path) for path in sorted(out.glob(f"*/{SCORES}"))]
    found = [each for each in every if each]
    if len(found) < 2:
        return None
    prepare(out)
    write_whole(out / INDEX, index(found))
    return out / INDEX


def index(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The HTML for rows of ticker, folder, forecaster, horizon, verdict, and scores by name."""
    best = sorted(rows, key=lambda row: (-_skill(row), row["ticker"]))
    worst = sorted(rows, key=lambda row: (_skill(row, missing=math.inf), row["ticker"]))
    named = sorted(rows, key=lambda row: row["ticker"])
    orders = {"Best skill first": best, "Worst first": worst, "By name": named}
    better = sum(str(row["verdict"]).startswith("better") for row in rows)
    beaten = "better than the last close (of volatility: than HAR)"
    lead = f"{count(len(rows), 'ticker')}; {better or 'none'} {beaten}."
    told = "A best among many is mostly luck: what counts is p, corrected for all that were tried."
    tables = Orders({label: _table(label, each) for label, each in orders.items()})
    return page("Forecasts", [Section("Tickers", [told, tables])], kind="overview", lead=lead)


def _table(label: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    head = ("ticker", "forecaster", "ahead", *(entry(name).name for name in SHOWN))
    cells = [
        [
            Link(
                plain(row["ticker"], 30),
                f"{quote(row['folder'], errors='surrogateescape')}/{REPORT}",
            ),
            plain(row["forecaster"], 30),
            str(row["horizon"]),
            *(entry(name).written(_number(row["scores"].get(name))) for name in SHOWN),
        ]
        for row in rows
    ]
    verdicts = [plain(row["verdict"], 120) for row in rows]
    return Table(f"All tickers, {label.lower()}", head, cells, verdicts)


def _headline(path: Path) -> dict[str, Any]:
    """One line of the table; empty where the result cannot be read."""
    try:
        told = from_json(read_whole(path, MOST_BYTES))
        row = {name: str(told[name]) for name in ("ticker", "forecaster", "horizon", "verdict")}
        mine = [
            each
            for each in told["scores"]
            if all(str(each[name]) == row[name] for name in ("forecaster", "horizon"))
        ]
        scores = {name: _number(mine[0].get(name)) for name in SHOWN}
    except UNREADABLE:
        return {}
    return {**row, "folder": path.parent.name, "scores": scores}


def _skill(row: Mapping[str, Any], missing: float = -math.inf) -> float:
    skill = _number(row["scores"].get("skill"))
    return missing if math.isnan(skill) else skill


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)
