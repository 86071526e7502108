"""The table of the State-Frequency-Memory paper (KDD'17): 50 stocks, 1, 3 and 5 days ahead.

The column `open` alone is read and forecast, in dollars, unadjusted. A network learns from the rows
up to 2014 and is judged by those up to 2266; then it is asked at every row from 2266 on. Two stocks
make up 84 % of the mean squared dollars, so the mean of the stocks' own ratios stands beside it.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from forecast.data.prices import Prices
from forecast.evaluation.scores import score
from forecast.evaluation.significance import bartlett_variance
from forecast.evaluation.verdict import verdict
from forecast.evaluation.walk_forward import walk_forward
from forecast.forecasters.base import Forecaster
from forecast.forecasters.naive import Drift, Last
from forecast.forecasters.recurrent import Recurrent
from forecast.settings import Inputs, Training, WalkForward
from tests.benchmarks.record import Gate, Result, shared_data

FIRST_CUTOFF, JUDGED = 2266, 2266 - 2014
SFM = {1: 5.57, 3: 17.00, 5: 28.90}
LAST = {1: 5.5027, 3: 16.767, 5: 27.582}
OURS = ("lstm", "lstm, one for all")
FORMATS = dict.fromkeys(
    ("squared dollars", "over last price", "standard error", "mean over stocks"), ".4f"
) | dict.fromkeys(("n", "better stocks", "claimed"), ".0f")


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
    """The baselines, one network for each stock, and one network for all of them."""
    samples = FIRST_CUTOFF + 1 - Inputs().window - horizon
    # Half a sample more, so that the share is rounded down to the rows wanted.
    training = Training(validation=(JUDGED + 0.5) / samples)
    return {
        "last": Last(),
        "drift": Drift(),
        "logdrift": Drift(logs=True),
        OURS[0]: Recurrent(training=training),
        OURS[1]: Recurrent(training=replace(training, pooled=True)),
    }


def run() -> Result:
    """One row for each horizon and forecaster, the paper's own last."""
    stocks = prices()
    table = pd.DataFrame([row for horizon in SFM for row in _rows(stocks, horizon)])
    return Result(
        question="The table of the State-Frequency-Memory paper (KDD'17): do our defaults stay at"
        " or below the last price, and below the paper's figures?",
        settings={"stocks": len(stocks), "column": "open", "first cutoff": FIRST_CUTOFF}
        | {"validation rows": JUDGED, "refit": "never"},
        table=table,
        formats=FORMATS,
        gates=_gates(table),
        notes=[
            "Ratios are of squared errors to the last price's: pooled over stocks and days, with"
            " the standard error over days (Bartlett, horizon - 1 lags), and as the mean of the"
            " stocks' own ratios.",
            "`better stocks` have a smaller squared error than the last price, `claimed` are called"
            " better by the claim rule (Holm over both networks and all stocks of one horizon).",
            "The paper's network reads the same column; its figures are quoted, not computed.",
        ],
    )


def _rows(stocks: list[Prices], horizon: int) -> list[dict[str, object]]:
    setting = WalkForward(first=FIRST_CUTOFF + 1, horizon=horizon, refit=0)
    answers = walk_forward(stocks, forecasters(horizon), setting)
    answers = answers[answers["horizon"] == horizon]
    closes = {each.ticker: each.table["close"] for each in stocks}
    scores = score(answers, closes, OURS)
    claims = scores.apply(lambda row: verdict(row).startswith("better"), axis=1)
    squares = {
        str(name): np.square(part["actual"] - part["forecast"]).to_numpy().reshape(len(stocks), -1)
        for name, part in answers.groupby("forecaster", sort=False)
    }
    rows = [
        {"horizon": horizon, "forecaster": name, "n": each.size}
        | _ratios(each, squares["last"], horizon)
        | {"claimed": int(claims[scores["forecaster"] == name].sum()), "SFM": SFM[horizon]}
        for name, each in squares.items()
    ]
    last = rows[0]["squared dollars"]
    paper = {"squared dollars": SFM[horizon], "over last price": SFM[horizon] / last}
    return [*rows, {"horizon": horizon, "forecaster": "SFM, published"} | paper]


def _ratios(squares: np.ndarray, last: np.ndarray, horizon: int) -> Mapping[str, float | int]:
    """What the squared errors (stock, day) are to those of the last price."""
    ratio, own = squares.mean() / last.mean(), squares.mean(axis=1) / last.mean(axis=1)
    # The delta method: how far the days' differences from that ratio scatter.
    apart = squares.mean(axis=0) - ratio * last.mean(axis=0)
    error = np.sqrt(bartlett_variance(apart, horizon - 1) / len(apart)) / last.mean()
    return {
        "squared dollars": squares.mean(),
        "over last price": ratio,
        "standard error": error,
        "mean over stocks": own.mean(),
        "better stocks": int((own < 1).sum()),
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
            values = [row[measure] for row in ours]
            promise = f"{name}, {measure}: at or below 1 for horizons {[*SFM]}"
            gates.append(Gate(promise, ", ".join(f"{v:.4f}" for v in values), max(values) <= 1))
        below = all(row["squared dollars"] < SFM[row["horizon"]] for row in ours)
        written = ", ".join(f"{row['squared dollars']:.3f}" for row in ours)
        gates.append(Gate(f"{name}: below SFM's {[*SFM.values()]}", written, below))
    return gates
