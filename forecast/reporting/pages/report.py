"""The page of a run: what comes next, whether to believe it, the pictures, every score, its origin.

The same run gives the same bytes; when it was made is no part of it.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from forecast.evaluation.answers import COVERAGES
from forecast.evaluation.losses import MEASURES
from forecast.reporting import formats
from forecast.reporting.glossary import entry
from forecast.reporting.pages.choices import how_to_repeat
from forecast.reporting.pages.document import (
    Facts,
    Gallery,
    Part,
    Picture,
    Section,
    Table,
    Verdict,
    card,
    page,
)
from forecast.reporting.pictures.figures import description
from forecast.reporting.pictures.lettering import drawable
from forecast.reporting.run import Run
from forecast.reporting.screens import upcoming
from forecast.reporting.selection import BASELINE
from forecast.reporting.wording import ahead, change, count, day, origin, percent, plain, price
from forecast.settings import TargetName

_CLOSE = ("mae", "rmse", "skill", "p_holm", "direction", "coverage80", "coverage95")
COMPARED: dict[TargetName, tuple[str, ...]] = {
    "close": _CLOSE,
    "return": _CLOSE,
    "direction": ("brier", "log_loss", "skill", "p_holm", "direction", "mcc", "direction_p"),
    "volatility": ("qlike", "skill", "p_holm", "log_mse", "log_skill", "log_holm", "coverage80"),
}
RIVALS: dict[TargetName, str] = {
    "close": "the last close",
    "return": "the last close",
    "direction": "the share of rises so far",
    "volatility": "HAR",
}
TRADED_APART = ("forecaster", "strategy", "horizon", "n", "reason")
APART = ("ticker", "forecaster", "horizon", "reason", "missing")


def report(run: Run, first: Figure, slim: Mapping[str, Figure]) -> bytes:
    """The HTML of a run with its `slim` figures, the first of them in a wide form, too."""
    chosen = run.headline
    sections = [
        Section("What comes next", _next(run)),
        Section(f"Is it better than {RIVALS[run.target]}?", _judged(run)),
        Section(
            "Pictures",
            [*_spelt(run), *_pictures(run, first, slim)],
        ),
        Section("All scores and tests", list(_scores(run))),
        *_together(run),
        Section("What trading on it would have earned", _traded(run)),
        Section("Where the prices come from", _prices(run)),
        how_to_repeat(run.command, run.settings, run.versions),
    ]
    lead = f"Forecast by {chosen.model}, {ahead(chosen.horizon)}. Prices: {origin(run.receipt)}."
    return page(plain(run.ticker, 60), sections, kind="forecast report", lead=lead)


def _pictures(run: Run, first: Figure, slim: Mapping[str, Figure]) -> list[Part]:
    """The first across the page, the others side by side; on a phone one below the other."""
    ahead, *others = slim
    drawn = [Picture(slim[name], description(name, run.target)) for name in others]
    return [Picture(first, description(ahead, run.target), slim[ahead]), Gallery(drawn)]


def _spelt(run: Run) -> list[Part]:
    """How the pictures spell a ticker that no font here can draw; nothing for any other."""
    name = plain(run.ticker, 60)
    drawn = drawable(run.ticker, 60)
    if drawn == name:
        return []
    return [f"No font here has every letter of {name}; the pictures write it {drawn}."]


def summary(run: Run) -> str:
    """The HTML of what matters most, as a notebook shows a result."""
    parts = [*_next(run)[:2], *_judged(run)[:3]]
    return card(f"{plain(run.ticker, 60)}: {origin(run.receipt)}", parts)


def _next(run: Run) -> list[Part]:
    rows = formats.rows(run.headline.upcoming)
    if not rows:
        return ["No session is still to come."]
    row = rows[-1]
    what = "The next session" if row["horizon"] == 1 else f"In {row['horizon']} sessions"
    ends = [
        f"{percent(level)} of {run.headline.plural} should lie between {price(row[low])} and"
        f" {price(row[high])}"
        for level, (low, high) in COVERAGES.items()
        if math.isfinite(row[low])
    ]
    parts: list[Part] = [
        Verdict(f"{what}, {day(row['date'])}: {upcoming.said(row, run.target)}."),
        f"{'; '.join(ends)}." if ends else "No intervals: too few answers lie before it.",
    ]
    heads = [f"{percent(level)} interval" for level in COVERAGES]
    table = [[day(each["date"]), str(each["horizon"]), *_cells(each)] for each in rows]
    if table[1:]:
        head = ("session", "ahead", "forecast", "change", *heads)
        parts.append(Table(f"Forecasts of {run.headline.model}", head, table))
    if others := _others(run):
        head = ("forecaster", "forecast", "change", *heads)
        parts.append(Table(f"What every forecaster says of {day(row['date'])}", head, others))
    return parts


def _cells(row: Mapping[str, Any]) -> list[str]:
    ends = [(row[low], row[high]) for low, high in COVERAGES.values()]
    spans = [f"{price(low)} to {price(high)}" if low == low else "-" for low, high in ends]
    return [price(row["forecast"]), change(row["forecast"] / row["last"] - 1), *spans]


def _others(run: Run) -> list[list[str]]:
    """The same session as each forecaster sees it, the one that was asked for first."""
    chosen = run.headline
    last = chosen.upcoming.iloc[-1]
    same = run.answers[run.answers["actual"].isna()]
    for name in ("cutoff", "date", "horizon"):
        same = same[same[name].isin([last[name]])]
    rows = _ordered(formats.rows(same), chosen.forecaster)
    return [[plain(row["forecaster"], 30), *_cells(row)] for row in rows] if rows[1:] else []


def _ordered(rows: list[dict[str, Any]], first: str) -> list[dict[str, Any]]:
    """The forecaster asked for, then the last close, then the others as they come."""
    return sorted(rows, key=lambda row: (row["forecaster"] != first, row["forecaster"] != BASELINE))


def _judged(run: Run) -> list[Part]:
    chosen, score = run.headline, run.score
    rows = _at(run, chosen.horizon)
    news = "good" if run.verdict.startswith("better") else ""
    news = "bad" if run.verdict.startswith("no better") else news
    skill, rival = entry("skill", run.target), RIVALS[run.target]
    words = [
        f"{chosen.words}. The skill of {chosen.model} is {skill.written(score['skill'])}:"
        f" {skill.sentence[:1].lower()}{skill.sentence[1:]}",
    ]
    if math.isfinite(score["p_value"]):
        words.append(
            f"By chance alone errors would look at least this much smaller than those of {rival} in"
            f" {percent(score['p_value'], 1)} of cases; below 5 %, corrected for all that was"
            " tried, counts as evidence."
        )
    if score.get("lag") == chosen.horizon:
        words.append("Read as a curve, the forecast is mostly the close it started from.")
    table = Table(
        f"Every forecaster on the same {count(int(score['n']), 'target')}, {ahead(chosen.horizon)}",
        ("forecaster", *(entry(name, run.target).name for name in COMPARED[run.target])),
        [
            [
                plain(row["forecaster"], 30),
                *(
                    entry(name, run.target).written(row.get(name, math.nan))
                    for name in COMPARED[run.target]
                ),
            ]
            for row in rows
        ],
    )
    sentence = f"{chosen.model}: {run.verdict}."
    return [Verdict(sentence, news), " ".join(words), table, *run.notes]


def _at(run: Run, horizon: int) -> list[dict[str, Any]]:
    rows = formats.rows(run.scores[run.scores["horizon"] == horizon])
    return _ordered(rows, run.headline.forecaster)


def _scores(run: Run) -> Iterator[Part]:
    """A table for each horizon: a line for each score, a column for each forecaster."""
    for horizon in sorted(run.scores["horizon"].unique().tolist(), reverse=True):
        rows = _at(run, horizon)
        yield _lines(f"Scores {ahead(horizon)}", rows, run.target)
        yield from _whys(rows)


def _whys(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Why figures are missing, a sentence for each forecaster."""
    for row in rows:
        name = plain(row["forecaster"], 30)
        if row.get("reason"):
            yield f"No p-value for {name}: {row['reason']}."
        if row.get("missing"):
            yield f"No figures for {name}: {row['missing']}."


def _lines(title: str, rows: list[dict[str, Any]], target: TargetName) -> Table:
    """A line for each figure that any row has, with its sentence, and a column for each row."""
    columns = [name for name in rows[0] if name not in APART and _told(name, rows)]
    entries = [entry(name, target) for name in columns]
    cells = [
        [each.name, *(each.written(row[name]) for row in rows)]
        for name, each in zip(columns, entries, strict=True)
    ]
    head = ("score", *(plain(row["forecaster"], 30) for row in rows))
    return Table(title, head, cells, [each.sentence for each in entries])


def _together(run: Run) -> list[Section]:
    """The pooled scores, where there are several tickers."""
    if not len(run.pooled):
        return []
    tables: list[Part] = [
        "Tickers move together, so all forecasts of a day count as one observation."
        f" Errors are held against those of {MEASURES[run.target].beside}."
    ]
    every: list[int] = run.pooled["horizon"].unique().tolist()
    for horizon in every:
        same = formats.rows(run.pooled[run.pooled["horizon"] == horizon])
        rows = _ordered(same, run.headline.forecaster)
        title = f"All tickers together, {ahead(horizon)}"
        tables += [_lines(title, rows, run.target), *_whys(rows)]
    return [Section("All tickers of this run together", tables)]


def _traded(run: Run) -> list[Part]:
    """A row for each way to trade on each forecaster, beside buying once."""
    rows = formats.rows(run.trading)
    if not rows:
        return ["Nothing can be said: no position would end where the next one begins."]
    columns = [
        name for name in run.trading.columns if name not in TRADED_APART and _told(name, rows)
    ]
    cells = [
        [
            f"{plain(row['forecaster'], 30)}, {row['strategy']}",
            *(entry(name).written(row[name]) for name in columns),
        ]
        for row in rows
        if not row["reason"]
    ]
    cost, tried = run.settings.trading.cost, count(run.trials, "configuration")
    told = (
        f"After costs of {cost:g} basis points of what changes hands. On this ticker {tried}"
        f" {'has' if run.trials == 1 else 'have'} been tried so far. Each position begins at the"
        " very close that its forecast was made from, as if that could still be traded. The past is"
        " no promise, and this is no advice."
    )
    head = ("traded by", *(entry(name).name for name in columns))
    words = [(entry(name).name, entry(name).sentence) for name in ("strategy", *columns)]
    whys = [
        f"No figures for {plain(row['forecaster'], 30)}, {row['strategy']}: {row['reason']}."
        for row in rows
        if row["reason"]
    ]
    shown = [Table("Gains of trading, net of costs", head, cells), Facts(words)] if cells else []
    return [told, *shown, *whys]


def _told(name: str, rows: list[dict[str, Any]]) -> bool:
    """Whether any of these rows has a value in a column."""
    return any(row[name] not in ("", None) and not pd.isna(row[name]) for row in rows)


def _prices(run: Run) -> list[Part]:
    receipt = run.receipt
    pairs = [
        ("source", f"{receipt.source} {receipt.place}".strip()),
        ("sessions", f"{receipt.rows:,}, from {receipt.first} to {receipt.last}"),
        ("adjusted", "for splits and dividends" if receipt.adjusted else "no"),
        ("SHA-256", receipt.sha256),
        ("fetched", receipt.fetched or "not from a network"),
    ]
    odd = [("odd", finding) for finding in run.findings] or [("odd", "Nothing odd was found.")]
    return [Facts([*pairs, *(("note", note) for note in receipt.notes), *odd])]
