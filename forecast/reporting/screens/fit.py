"""One screen of result: 24 lines of 80 columns, in plain ASCII but for names from outside."""

import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

from forecast.evaluation.answers import COVERAGES
from forecast.reporting import formats
from forecast.reporting.history import REPORT
from forecast.reporting.run import Run
from forecast.reporting.screens import WIDTH, upcoming
from forecast.reporting.screens.score_table import TABLES
from forecast.reporting.wording import count, origin, percent, plain

LINES = 24
LEAST_ROWS, LONGEST_NAME = 3, 12
_WIDTHS = (9, 9, 9, 9, 8, 8, 8, 8)


def screen(run: Run, folder: Path) -> str:
    """The result in words and one table."""
    top = [plain(run.ticker, 30), *_paragraph(origin(run.receipt)), ""]
    top += upcoming.lines(run.headline.upcoming, run.target)
    verdict = _paragraph(f"Verdict on {run.headline.forecaster}: {run.verdict}")
    middle = ["", *verdict, *_trailing(run), *_traded(run)]
    end = [f"Report: {plain(str(folder / REPORT), 400)}"]
    notes = [*run.notes, *run.receipt.notes]
    room = LINES - len(top) - len(middle) - len(end) - 1
    table = [*_paragraph(_protocol(run)), *_table(run, room - 1 - bool(notes))]
    notes = _fitting(notes, room - len(table))
    return "\n".join([*top, "", *table, *middle, *notes, *end]) + "\n"


def as_json(run: Run, folder: Path) -> dict[str, Any]:
    """The result as plain values for JSON; what cannot be computed is None.

    Shares are between 0 and 1, prices as in the source, volatilities in per cent a session. `next`
    is the next session, `upcoming` all sessions to come, `scores` the whole table.
    """
    chosen, score = run.headline, run.score
    ahead = upcoming.as_json(chosen.upcoming, run.target)
    told = {
        "ticker": run.ticker,
        "target": run.target,
        "forecaster": chosen.forecaster,
        "horizon": chosen.horizon,
        "n": score["n"],
        "skill": score["skill"],
        "p_value": score["p_value"],
        "p_holm": score["p_holm"],
        "coverage": {f"{100 * level:.0f}": score.get(_column(level)) for level in COVERAGES},
        "verdict": run.verdict,
        "next": ahead[0] if ahead else None,
        "upcoming": ahead,
        "trials": run.trials,
        "scores": formats.rows(run.scores),
        "trading": formats.rows(run.trading),
        "notes": run.notes,
        "receipt": asdict(run.receipt),
        "settings": asdict(run.settings),
        "folder": str(folder),
    }
    plain_values: dict[str, Any] = formats.finite(told)
    return plain_values


def _column(level: float) -> str:
    return f"coverage{100 * level:.0f}"


def _protocol(run: Run) -> str:
    chosen, refit = run.headline, run.settings.walk_forward.refit
    again = f"refit every {refit}" if refit else "fitted once"
    return f"{chosen.words}, {again}"


def _table(run: Run, room: int) -> list[str]:
    """Head, rows and legend; the forecaster asked for and the baseline are the first rows."""
    chosen, shown = run.headline, TABLES[run.target]
    rows = formats.rows(run.scores[run.scores["horizon"] == chosen.horizon])
    rows.sort(
        key=lambda row: (row["forecaster"] != chosen.forecaster, row["forecaster"] != shown.first)
    )
    most = max(room - 4, LEAST_ROWS)
    lines = [_line("forecaster", [head.strip() for head in shown.columns])]
    for row in rows[:most]:
        cells = [cell(row) for cell in shown.columns.values()]
        lines.append(_line(row["forecaster"], cells))
    more = f"{len(rows) - most} more rows in scores.json; " * (len(rows) > most)
    lines += _paragraph(f"{more}{shown.legend(run.score)}")
    return lines


def _line(name: str, cells: Sequence[str]) -> str:
    right = "".join(f" {cell:>{width - 1}}" for cell, width in zip(cells, _WIDTHS, strict=False))
    return f"{plain(name, LONGEST_NAME):<{LONGEST_NAME}}{right}"


def _trailing(run: Run) -> list[str]:
    """What the lag detector found, where the forecast is mostly the close it started from."""
    chosen, lag = run.headline, run.score.get("lag")
    if lag is None or lag != chosen.horizon:
        return []
    before = "the session before" if lag == 1 else f"{lag:.0f} sessions before"
    return _paragraph(f"Lag {lag:.0f}: the forecast is mostly the close of {before}.")


def _traded(run: Run) -> list[str]:
    """What trading on the sign of the forecasts would have earned; whole in scores.json."""
    rows = {(row["forecaster"], row["strategy"]): row for row in formats.rows(run.trading)}
    mine = rows.get((run.headline.forecaster, "sign"))
    held = next((row for (_, way), row in rows.items() if way == "hold"), None)
    if mine is None or held is None or mine["reason"] or held["reason"]:
        return []
    return _paragraph(
        f"Trading by its sign, {run.settings.trading.cost:g} bp: Sharpe {mine['net_sharpe']:.2f}"
        f" (held {held['net_sharpe']:.2f}); deflated {percent(mine['dsr'])} ({run.trials} tried)"
    )


def _paragraph(text: str) -> list[str]:
    """Lines that never part a number from what belongs to it."""
    kept = plain(text, 400).replace(" %", "\xa0%").replace(" = ", "\xa0=\xa0")
    lines = textwrap.wrap(kept, WIDTH, subsequent_indent="  ")
    return [line.replace("\xa0", " ") for line in lines]


def _fitting(notes: Sequence[str], room: int) -> list[str]:
    """Notes, each whole, as many as there is room for; the last line counts those left out."""
    lines = [_paragraph(f"Note: {note}") for note in notes]
    kept = len(lines)
    while kept and sum(map(len, lines[:kept])) + (kept < len(lines)) > room:
        kept -= 1
    what = "more note" if kept else "note"
    left = [f"{count(len(notes) - kept, what)} in receipt.json and scores.json"]
    return [*chain.from_iterable(lines[:kept]), *left * (kept < len(lines))]
