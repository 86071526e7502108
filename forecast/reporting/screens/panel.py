"""A run on very many tickers as one screen."""

from collections.abc import Sequence
from textwrap import wrap

import pandas as pd

from forecast.evaluation.losses import MEASURES
from forecast.reporting.screens import WIDTH
from forecast.reporting.wording import count, day, number, p_value, plain
from forecast.settings import Settings, TargetName

NAMED = 8
_HEADS = ("squared error", "95 % interval", "p", "mean of tickers", "rank (t)")
_WIDTHS = (15, 17, 8, 17, 16)


def screen(
    pooled: pd.DataFrame,
    span: tuple[pd.Timestamp, pd.Timestamp],
    settings: Settings,
    better: Sequence[str],
    left_out: int,
    folder: str,
) -> str:
    """Scores over all tickers, and those on which the first forecaster is better.

    `pooled` is as `forecast.evaluation.pooled` makes it.
    """
    tickers = int(pooled["tickers"].max())
    lines = [
        asked(pooled, span),
        *([f"{count(left_out, 'ticker')} left out, see panel.json"] if left_out else []),
        "",
        *table(pooled, settings.target.target),
    ]
    shown = f": {', '.join(plain(each, 20) for each in better[:NAMED])}" if better else ""
    more = f" and {len(better) - NAMED} more" if len(better) > NAMED else ""
    measure = MEASURES[settings.target.target]
    lines += [
        "",
        f"Verdict on {plain(settings.models[0], 20)}: better than {measure.beside} on"
        f" {len(better)} of {count(tickers, 'ticker')}{shown}{more}",
        f"Result: {plain(folder, 300)}; no picture is drawn of so many (--reports)",
    ]
    return "\n".join(lines) + "\n"


def asked(pooled: pd.DataFrame, span: tuple[pd.Timestamp, pd.Timestamp]) -> str:
    """How many tickers were asked about, from when to when, and how often."""
    tickers, n = int(pooled["tickers"].max()), int(pooled["n"].max())
    first, last = map(day, span)
    return f"{count(tickers, 'ticker')}, {first} to {last}, {count(n, 'forecast')} each forecaster"


def table(pooled: pd.DataFrame, target: TargetName) -> list[str]:
    """The scores over all tickers, a line for each forecaster and horizon, and what they mean."""
    measure = MEASURES[target]
    several = len(set(pooled["horizon"])) > 1
    lines = [f"{'all tickers':<12}" + _line(_HEADS)]
    for row in pooled.to_dict("records"):
        ahead = f" {row['horizon']}" if several else ""
        cells = (
            f"{row['mse_ratio']:.4f}",
            f"{row['mse_ratio_low']:.4f}-{row['mse_ratio_high']:.4f}",
            p_value(row["p_value"]),
            f"{row['mean_ratio']:.4f}",
            f"{number(row['rank_correlation'], '+.4f')} ({number(row['rank_t'], '.1f')})",
        )
        lines.append(f"{plain(row['forecaster'], 9) + ahead:<12}" + _line(cells))
    meant = (
        f"{measure.named} over that of {measure.beside}, all tickers and days together, and as the"
        " mean of the tickers' own; all forecasts of a day count as one observation; p: of each"
        " line alone; rank: daily correlation of the order forecast with the order that came"
    )
    return [*lines, *wrap(meant, WIDTH, subsequent_indent="  ")]


def _line(cells: Sequence[str]) -> str:
    return "".join(f" {cell:>{width - 1}}" for cell, width in zip(cells, _WIDTHS, strict=True))
