"""Two runs of one ticker on the targets of both: a table, a picture, a sentence."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from forecast.data.files import write_whole
from forecast.errors import SettingError
from forecast.evaluation import metrics
from forecast.evaluation.answers import COVERAGES
from forecast.evaluation.significance import diebold_mariano
from forecast.reporting import folder
from forecast.reporting.pages.choices import what_differs
from forecast.reporting.pages.document import Picture, Section, Table, Verdict, page
from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.canvas import FOOT, HEAD, LEFT, RIGHT
from forecast.reporting.pictures.colours import INK, LAST_CLOSE, PALETTE
from forecast.reporting.pictures.time_axis import date_ticks, days
from forecast.reporting.run import Run
from forecast.reporting.wording import change, count, day, percent, plain, price

# In a picture, where the date of a run would be too long.
NAMES = ("this", "the other")
FORECAST = ["forecast", *(end for ends in COVERAGES.values() for end in ends)]


def compare(newest: Path, other: Path) -> tuple[str, Path]:
    """Hold the run in `newest` against that in `other`; the words and the page, in `newest`.

    Raises:
        SettingError: they are of two tickers or horizons, or have no target in common.
        OutputError: a run cannot be read, or the page cannot be written.
    """
    runs = {"this": folder.read(newest), plain(other.name, 40): folder.read(other)}
    if len(runs) < 2:
        raise SettingError("a run is compared with another; got 'this' twice")
    both = _common(*runs.values())
    rows = _rows(both, list(runs))
    told = _finding(both, int(runs["this"].score["overlap"]))
    html = _page(runs, both, rows, told)
    place = newest / f"against-{plain(other.name, 40)}.html"
    write_whole(place, html)
    wide = max(len(name) for name, *_ in rows)
    lines = [
        "  ".join([f"{name:<{wide}}", *(f"{cell:>10}" for cell in row)]) for name, *row in rows
    ]
    return "\n".join([*lines, told, ""]), place


def _common(this: Run, other: Run) -> pd.DataFrame:
    """Targets of both, with the columns of the second named `..._other`."""
    one, two = this.headline, other.headline
    if (one.ticker, one.horizon) != (two.ticker, two.horizon):
        raise SettingError(
            f"runs of {one.ticker} {count(one.horizon, 'session')} ahead and of {two.ticker}"
            f" {count(two.horizon, 'session')} ahead; only like can be compared"
        )
    both = one.known.merge(two.known[["cutoff", "date", *FORECAST]], on=["cutoff", "date"],
                           suffixes=("", "_other"))  # fmt: skip
    if both.empty:
        raise SettingError(f"the two runs of {one.ticker} have no target in common")
    return both


def _rows(both: pd.DataFrame, names: list[str]) -> list[list[str]]:
    """A head, and a row for each run and for the last close."""
    actual, last = both["actual"].to_numpy(), both["last"].to_numpy()
    rows = [["run", "MAE", "RMSE", "skill", *(f"in {percent(level)}" for level in COVERAGES)]]
    for name, suffix in zip(names, ("", "_other"), strict=True):
        said = both[f"forecast{suffix}"].to_numpy()
        held = [
            percent(
                float(both["actual"].between(both[low + suffix], both[high + suffix]).mean()), 1
            )
            for low, high in COVERAGES.values()
        ]
        skill = change(metrics.skill(actual, said, last))
        errors = [price(each(actual, said)) for each in (metrics.mae, metrics.rmse)]
        rows.append([name, *errors, skill, *held])
    errors = [price(each(actual, last)) for each in (metrics.mae, metrics.rmse)]
    return [*rows, ["last close", *errors, change(0.0), *("-" for _ in COVERAGES)]]


def _finding(both: pd.DataFrame, overlap: int) -> str:
    """Which run has the smaller errors, by Diebold and Mariano's test, two-sided."""
    actual, said, other = (
        both[name].to_numpy() for name in ("actual", "forecast", "forecast_other")
    )
    targets = count(len(both), "target")
    test = diebold_mariano(actual, said, other, overlap, alternative="different")
    if test.reason.startswith("identical"):
        return f"The two runs say the same about all {targets}."
    if test.reason:
        return f"No test of the two on {targets}: {test.reason}."
    ahead = "this run" if metrics.rmse(actual, said) < metrics.rmse(actual, other) else "the other"
    if test.p_value < 0.05:
        return f"On {targets} {ahead} has the smaller squared errors (p = {test.p_value:.2g})."
    return f"On {targets} the two cannot be told apart (p = {test.p_value:.2g})."


def _page(runs: Mapping[str, Run], both: pd.DataFrame, rows: list[list[str]], told: str) -> bytes:
    this, other = runs.values()
    when = f"{day(both['date'].iloc[0])} to {day(both['date'].iloc[-1])}"
    wide, slim = (_picture(this, both, slim=slim) for slim in (False, True))
    sections = [
        Section(
            "Which is nearer?",
            [
                Verdict(told),
                Table(f"The same {count(len(both), 'target')}, {when}", rows[0], rows[1:]),
            ],
        ),
        Section("Over time", [Picture(wide, slim=slim)]),
        what_differs(list(runs), _facts(this), _facts(other)),
    ]
    return page(plain(this.ticker, 60), sections, kind="two runs", lead=" against ".join(runs))


def _facts(run: Run) -> dict[str, Any]:
    return {
        "settings": asdict(run.settings),
        "prices": asdict(run.receipt),
        "version": run.versions,
    }


def _picture(this: Run, both: pd.DataFrame, *, slim: bool) -> Figure:
    """The error that each run saved over the last close, cumulative, in per cent of it."""
    chosen = this.headline
    title = f"{chosen.title}: error saved against the last close, added up"
    with canvas.styled():
        words = f"{count(len(both), 'target')} of both runs; rising is better than the last close"
        figure = canvas.sheet(title, words, slim=slim)
        axes = canvas.panel(figure, (LEFT, FOOT, RIGHT - LEFT, HEAD - FOOT))
        x, ends = days(both["date"]), {"last close": (0.0, LAST_CLOSE)}
        naive = (both["actual"] - both["last"]).abs()
        axes.axhline(0, color=INK, lw=0.8)
        for name, suffix, shade in zip(NAMES, ("", "_other"), PALETTE, strict=False):
            error = (both["actual"] - both[f"forecast{suffix}"]).abs()
            saved = (100 * (naive - error) / both["last"]).cumsum().to_numpy()
            axes.plot(x, saved, color=shade, lw=1.6)
            ends[name] = (float(saved[-1]), shade)
        date_ticks(axes, both["date"].iloc[0], both["date"].iloc[-1])
        canvas.label_ends(axes, ends)
        canvas.caption(axes, "% of the last close")
    return figure
