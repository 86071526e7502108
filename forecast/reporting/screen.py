"""One screen of result: 24 lines of 80 columns, in plain ASCII but for names from outside."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

from forecast.evaluation.answers import COVERAGES
from forecast.reporting import formats
from forecast.reporting.run import Run
from forecast.reporting.wording import change, day, origin, percent, plain, price

WIDTH, LINES = 80, 24
MOST_ROWS, LONGEST_NAME = 8, 12
BOLD, DIM, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_HEADS = ("RMSE", "MAE", "skill", "R2", "right", "p", "80 %", "95 %")
_WIDTHS = (9, 9, 9, 9, 8, 7, 7, 7)


def screen(run: Run, folder: Path, *, styled: bool = False) -> str:
    """The result in words and one table; `styled` adds bold and dim as terminals write them."""
    bold, dim, usual = (BOLD, DIM, PLAIN) if styled else ("", "", "")
    top = [f"{bold}{plain(run.ticker, 30)}{usual}", *_paragraph(origin(run.receipt)), ""]
    top += [f"{bold}{line}{usual}" if line[0] != " " else line for line in _upcoming(run)]
    table = [*_paragraph(_protocol(run)), *_table(run)]
    verdict = _paragraph(f"Verdict on {run.headline.forecaster}: {run.verdict}")
    middle = ["", *(f"{bold}{line}{usual}" for line in verdict), *_trailing(run)]
    end = [*_paragraph(f"Report: {plain(str(folder), 400)}")]
    room = LINES - len(top) - len(table) - len(middle) - len(end) - 1
    notes = _fitting([*run.notes, *run.receipt.notes], room)
    lines = [*top, "", *table, *middle, *(f"{dim}{line}{usual}" for line in notes), *end]
    return "\n".join(lines) + "\n"


def as_json(run: Run, folder: Path) -> dict[str, Any]:
    """The result as plain values for JSON; what cannot be computed is None.

    Shares are between 0 and 1, prices as in the source. `next` is the next session, `upcoming`
    all sessions to come, `scores` the whole table.
    """
    chosen, score = run.headline, run.score
    upcoming = [_session(row) for row in formats.rows(chosen.upcoming)]
    told = {
        "ticker": run.ticker,
        "forecaster": chosen.forecaster,
        "horizon": chosen.horizon,
        "n": score["n"],
        "skill": score["skill"],
        "p_value": score["p_value"],
        "p_holm": score["p_holm"],
        "coverage": {f"{100 * level:.0f}": score[_column(level)] for level in COVERAGES},
        "verdict": run.verdict,
        "next": upcoming[0] if upcoming else None,
        "upcoming": upcoming,
        "scores": formats.rows(run.scores),
        "notes": run.notes,
        "receipt": asdict(run.receipt),
        "settings": asdict(run.settings),
        "folder": str(folder),
    }
    plain_values: dict[str, Any] = formats.finite(told)
    return plain_values


def _session(row: Mapping[str, Any]) -> dict[str, Any]:
    ends = {f"{100 * level:.0f}": [row[low], row[high]] for level, (low, high) in COVERAGES.items()}
    return {
        "date": day(row["date"]),
        "horizon": row["horizon"],
        "forecast": row["forecast"],
        "change": row["forecast"] / row["last"] - 1,
        "interval": ends,
    }


def _column(level: float) -> str:
    return f"coverage{100 * level:.0f}"


def _upcoming(run: Run) -> list[str]:
    """The nearest session to come and, with a longer horizon, the farthest."""
    rows = formats.rows(run.headline.upcoming)
    lines = list[str]()
    for row in rows[:1] + rows[1:][-1:]:
        when = "next session" if row["horizon"] == 1 else f"in {row['horizon']} sessions"
        moved = change(row["forecast"] / row["last"] - 1)
        lines.append(f"{day(row['date'])} ({when}): {price(row['forecast'])} ({moved})")
        ends = [
            f"{percent(level)} interval {price(row[low])} to {price(row[high])}"
            for level, (low, high) in COVERAGES.items()
            if math.isfinite(row[low])
        ]
        lines.append("  " + ("; ".join(ends) or "no intervals: too few answers before it"))
    return lines


def _protocol(run: Run) -> str:
    chosen, refit = run.headline, run.settings.walk_forward.refit
    again = f"refit every {refit}" if refit else "fitted once"
    return f"{chosen.words}, {again}"


def _table(run: Run) -> list[str]:
    chosen = run.headline
    rows = formats.rows(run.scores[run.scores["horizon"] == chosen.horizon])
    lines = [_line("forecaster", _HEADS)]
    lines += [_line(row["forecaster"], _cells(row)) for row in rows[:MOST_ROWS]]
    more = f"{len(rows) - MOST_ROWS} more rows in scores.json; " * (len(rows) > MOST_ROWS)
    rose = percent(run.score["up_rate"], 1)
    lines += _paragraph(
        f"{more}skill: share of the last close's MAE removed; right: directions, {rose} rose"
    )
    return lines


def _line(name: str, cells: Sequence[str]) -> str:
    right = "".join(f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))
    return f"{plain(name, LONGEST_NAME):<{LONGEST_NAME}}{right}"


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        price(row["rmse"]),
        price(row["mae"]),
        _number(100 * row["skill"], "+.2f", " %"),
        _number(row["r2"], "+.4f"),
        _number(100 * row["direction"], ".1f", " %"),
        _number(row["p_holm"], ".3f"),
        *(_number(100 * row[_column(level)], ".1f", " %") for level in COVERAGES),
    )


def _number(value: float, form: str, unit: str = "") -> str:
    return format(value, form) + unit if math.isfinite(value) else "-"


def _trailing(run: Run) -> list[str]:
    """What the lag detector found, where the forecast is mostly the close it started from."""
    chosen, lag = run.headline, run.score["lag"]
    if lag != chosen.horizon:
        return []
    before = "the session before" if lag == 1 else f"{lag:.0f} sessions before"
    return _paragraph(f"Lag {lag:.0f}: the forecast is mostly the close of {before}.")


def _paragraph(text: str) -> list[str]:
    return textwrap.wrap(plain(text, 400), WIDTH, subsequent_indent="  ")


def _fitting(notes: Sequence[str], room: int) -> list[str]:
    """Notes, each whole, as many as there is room for; the last line counts those left out."""
    lines = [_paragraph(f"Note: {note}") for note in notes]
    kept = len(lines)
    while kept and sum(map(len, lines[:kept])) + (kept < len(lines)) > room:
        kept -= 1
    left = [f"{len(notes) - kept} more notes in receipt.json and scores.json"]
    return [*chain.from_iterable(lines[:kept]), *left * (kept < len(lines))]
