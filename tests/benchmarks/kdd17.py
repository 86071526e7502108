"""The table of the State-Frequency-Memory paper (KDD'17): 50 stocks, 1, 3 and 5 days ahead.

The column `open` alone is read and forecast, in dollars, unadjusted. A network learns from the rows
up to 2014 and is judged by those up to 2266; then it is asked at every row from 2266 on. Two stocks
make up 84 % of the mean squared dollars, so the mean of the stocks' own ratios stands beside it.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from forecast.data.prices import Prices
from forecast.evaluation.bootstrap import interval, usual_shares
from forecast.evaluation.pooled import rank_correlation
from forecast.evaluation.significance import long_run_variance
from forecast.evaluation.walk_forward import walk_forward
from forecast.forecasters.base import Forecaster
from forecast.forecasters.naive import Drift, Last
from forecast.forecasters.recurrent import Recurrent
from forecast.settings import Inputs, Training, WalkForward
from tests.benchmarks.record import Gate, Result, shared_data

Squares = Float[np.ndarray, "stock day"]

FIRST_CUTOFF, JUDGED = 2266, 2266 - 2014
SFM = {1: 5.57, 3: 17.00, 5: 28.90}
LAST = {1: 5.5027, 3: 16.767, 5: 27.582}
SEEDS = 8
OURS = ("lstm", "lstm, one for all")
FORMATS = dict.fromkeys(
    (
        *("squared dollars", "over last price", "low", "high", "standard error"),
        *("mean over stocks", "mean low", "mean high", "rank correlation"),
    ),
    ".4f",
) | {"n": ".0f", "rank t": ".1f"}


class Asked(NamedTuple):
    """Squared errors at the farthest horizon, and the log changes that came and were forecast."""

    squares: Squares
    came: Squares
    said: Squares


def prices() -> list[Prices]:
    """The 50 stocks, `open` in the place of the close and nothing else.

    Raises:
        AbsentError: the file is not beside this checkout.
    """
    table = pd.read_parquet(shared_data("kdd17_sfm_prices.parquet"))
    table["ds"] = pd.DatetimeIndex(table["ds"])
    stocks = table.set_index("ds").groupby("unique_id", observed=True)["open"]
    return [
        Prices.of(str(stock), opens.to_frame("close"), adjusted=False) for stock, opens in stocks
    ]


def forecasters(horizon: int) -> dict[str, Forecaster]:
    """The baselines, networks for each stock, networks for all of them; eight seeds together."""
    samples = FIRST_CUTOFF + 1 - Inputs().window - horizon
    # Half a sample more, so that the share is rounded down to the rows wanted.
    judged = (JUDGED + 0.5) / samples
    return {
        "last": Last(),
        "drift": Drift(),
        "logdrift": Drift(logs=True),
        OURS[0]: Recurrent(training=Training(validation=judged, seeds=SEEDS)),
        OURS[1]: Recurrent(training=Training(validation=judged, seeds=SEEDS, pooled=True)),
    }


def run() -> Result:
    """One row for each horizon and forecaster, the paper's own last."""
    stocks = prices()
    table = pd.DataFrame([row for horizon in SFM for row in _rows(stocks, horizon)])
    return Result(
        question="The table of the State-Frequency-Memory paper (KDD'17): do our defaults stay at"
        " or below the last price, and below the paper's figures?",
        settings={"stocks": len(stocks), "column": "open", "first cutoff": FIRST_CUTOFF}
        | {"validation rows": JUDGED, "refit": "never", "seeds": SEEDS},
        table=table,
        formats=FORMATS,
        gates=_gates(table),
        notes=[
            f"Our forecasts are the mean of {SEEDS} seeds. Ratios are of squared errors to the last"
            " price's: pooled over stocks and days, with the standard error over days, which"
            " allows for days that overlap, and as the mean of the stocks' own ratios. Low and high"
            " bound 95 % of stationary bootstraps of days. Rank correlation is between the changes"
            " forecast and those that came, over the stocks of a day, its t over days.",
            "How far a drift is believed is not fitted: it is the yearly ratio of mean to standard"
            " deviation that markets have had, .4, and was looked at on rows before the test.",
            "The paper's network reads the same column; its figures are quoted, not computed.",
        ],
    )


def _rows(stocks: list[Prices], horizon: int) -> list[dict[str, object]]:
    asked = {name: _asked(stocks, each, horizon) for name, each in forecasters(horizon).items()}
    last = asked["last"].squares
    rows = [
        {"horizon": horizon, "forecaster": name, "n": last.size} | _ratios(each, last, horizon)
        for name, each in asked.items()
    ]
    paper = {"squared dollars": SFM[horizon], "over last price": SFM[horizon] / last.mean()}
    return [*rows, {"horizon": horizon, "forecaster": "SFM, published"} | paper]


def _asked(stocks: list[Prices], forecaster: Forecaster, horizon: int) -> Asked:
    """What one forecaster answers, learned once."""
    setting = WalkForward(first=FIRST_CUTOFF + 1, horizon=horizon, refit=0)
    answers = walk_forward(stocks, {"asked": forecaster}, setting)
    answers = answers[answers["horizon"] == horizon]
    parts = (
        np.square(answers["actual"] - answers["forecast"]),
        np.log(answers["actual"] / answers["last"]),
        np.log(answers["forecast"] / answers["last"]),
    )
    return Asked(*(each.to_numpy().reshape(len(stocks), -1) for each in parts))


def _ratios(asked: Asked, last: Squares, horizon: int) -> Mapping[str, float]:
    """What the squared errors are to those of the last price."""
    squares = asked.squares
    draws = usual_shares(squares.shape[1], horizon)
    drawn, drawn_last = draws @ squares.T, draws @ last.T
    low, high = interval(drawn.sum(axis=1) / drawn_last.sum(axis=1))
    mean_low, mean_high = interval((drawn / drawn_last).mean(axis=1))
    ranked, ranked_t = rank_correlation(asked.came.T, asked.said.T, horizon)
    ratio = squares.mean() / last.mean()
    # The delta method: how far the days' differences from that ratio scatter.
    apart = squares.mean(axis=0) - ratio * last.mean(axis=0)
    error = np.sqrt(long_run_variance(apart, horizon) / len(apart)) / last.mean()
    return {
        "squared dollars": squares.mean(),
        "over last price": ratio,
        "low": low,
        "high": high,
        "standard error": error,
        "mean over stocks": (squares.mean(axis=1) / last.mean(axis=1)).mean(),
        "mean low": mean_low,
        "mean high": mean_high,
        "rank correlation": ranked,
        "rank t": ranked_t,
    }


def _gates(table: pd.DataFrame) -> list[Gate]:
    found = {(row["horizon"], row["forecaster"]): row for row in table.to_dict("records")}
    protocol = [found[horizon, "last"]["squared dollars"] for horizon in SFM]
    wanted = [LAST[horizon] for horizon in SFM]
    gates = [
        Gate(
            f"the last price scores {wanted}",
            ", ".join(f"{each:.4f}" for each in protocol),
            bool(np.allclose(protocol, wanted, rtol=2e-5)),
        )
    ]
    for name in OURS:
        ours = [found[horizon, name] for horizon in SFM]
        for measure in ("over last price", "mean over stocks"):
            values = [round(row[measure], 4) for row in ours]
            promise = f"{name}, {measure}: at or below 1.0000 for horizons {[*SFM]}"
            gates.append(Gate(promise, ", ".join(f"{v:.4f}" for v in values), max(values) <= 1))
        below = all(row["squared dollars"] < SFM[row["horizon"]] for row in ours)
        written = ", ".join(f"{row['squared dollars']:.3f}" for row in ours)
        gates.append(Gate(f"{name}: below SFM's {[*SFM.values()]}", written, below))
    return gates
