"""Real prices: does a network know better than HAR how much they will move?"""

from dataclasses import asdict

import pandas as pd

from forecast.data import samples
from forecast.evaluation.volatility import score
from forecast.evaluation.walk_forward import walk_forward
from forecast.forecasters.catalogue import by_name
from forecast.progress import silent
from forecast.settings import Settings, Target, WalkForward
from tests.benchmarks.record import Gate, Result

TICKERS = ("GOOG", "AAPL", "IBM", "MSFT")
HORIZONS = (1, 5, 10)
LEARNING = ("lstm", "gru", "ridge")
SHOWN = ("qlike_ratio", "p_holm", "log_mse_ratio", "log_holm", "coverage80", "coverage95")
FORMATS = dict.fromkeys(SHOWN, ".3f") | {"qlike": ".4f", "log_mse": ".4f"}


def run() -> Result:
    """One row for each horizon, ticker and forecaster."""
    scores = pd.concat([_scores(horizon) for horizon in HORIZONS], ignore_index=True)
    table = scores.assign(
        qlike_ratio=1 - scores["skill"], log_mse_ratio=1 - scores["log_skill"]
    ).sort_values(["horizon"], kind="stable")
    return Result(
        question="Real prices: does a network know better than HAR how much they will move?",
        settings=asdict(Target(target="volatility")) | asdict(WalkForward()),
        table=table[["horizon", "ticker", "forecaster", "n", *SHOWN, "qlike", "log_mse"]],
        formats=FORMATS,
        gates=_gates(table),
        notes=[
            "Bundled samples, default settings, the last 30 % of each, refit every 20. The actual"
            " is the mean variance of the sessions asked for, each the square of the change"
            " overnight plus what Garman and Klass make of the range. qlike_ratio and"
            " log_mse_ratio are divided by HAR's, below 1 is better; p_holm and log_holm are"
            " one-sided Diebold-Mariano tests against HAR on these losses, Holm-corrected over"
            f" the {len(LEARNING)} that learn. GARCH reads closes alone.",
        ],
    )


def _scores(horizon: int) -> pd.DataFrame:
    settings = Settings(
        models=(*LEARNING, "garch"),
        target=Target(target="volatility"),
        walk_forward=WalkForward(horizon=horizon),
    )
    every = [samples.load(ticker) for ticker in TICKERS]
    answers = walk_forward(every, by_name(settings, silent), settings.walk_forward, settings.target)
    answers = answers[answers["horizon"] == horizon]
    # Each ticker is a run of its own.
    parts = [score(answers[answers["ticker"] == ticker], LEARNING) for ticker in TICKERS]
    return pd.concat(parts, ignore_index=True)


def _gates(table: pd.DataFrame) -> list[Gate]:
    gates = list[Gate]()
    next_session = table[table["horizon"] == 1].set_index("ticker")
    for name in LEARNING:
        own = next_session[next_session["forecaster"] == name]
        for ratio, p_value in (("qlike_ratio", "p_holm"), ("log_mse_ratio", "log_holm")):
            promise = f"{name}, next session: {ratio} below 1 and {p_value} below 0.05, all tickers"
            found = ", ".join(
                f"{ticker} {row[ratio]:.3f} (p {row[p_value]:.3f})"
                for ticker, row in own.iterrows()
            )
            kept = bool(((own[ratio] < 1) & (own[p_value] < 0.05)).all())
            gates.append(Gate(promise, found, kept))
    return gates
