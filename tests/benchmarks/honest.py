"""Real prices, default settings, everything we have: what is better than the last close?"""

from dataclasses import asdict

import pandas as pd

from forecast.data import samples
from forecast.evaluation.scores import score
from forecast.evaluation.verdict import verdict
from forecast.evaluation.walk_forward import walk_forward
from forecast.forecasters.catalogue import LEARNING, NAIVE, by_name
from forecast.progress import silent
from forecast.settings import Settings
from tests.benchmarks.record import Gate, Result

TICKERS = ("GOOG", "AAPL", "IBM", "MSFT")
# The last close's own RMSE, computed independently on these rows.
LAST = {"GOOG": 4.894, "AAPL": 0.925, "IBM": 1.598, "MSFT": 0.320}
SHOWN = ("rmse", "skill", "r2", "p_value", "p_holm", "direction", "coverage80", "coverage95")
FORMATS = dict.fromkeys(("skill", "r2"), "+z.4f") | dict.fromkeys(
    ("p_value", "p_holm", "direction", "coverage80", "coverage95"), ".3f"
)
FORMATS["rmse"] = ".4f"


def run() -> Result:
    """One row for each ticker and forecaster."""
    settings = Settings(models=(*LEARNING, *NAIVE))
    every = [samples.load(ticker) for ticker in TICKERS]
    answers = walk_forward(every, by_name(settings, silent), settings.walk_forward)
    closes = {each.ticker: each.table["close"] for each in every}
    # Whoever learns may be claimed; each ticker is a run of its own.
    parts = [
        score(answers[answers["ticker"] == ticker], {ticker: closes[ticker]}, tuple(LEARNING))
        for ticker in TICKERS
    ]
    scores = pd.concat(parts, ignore_index=True)
    scores["verdict"] = [verdict(row) for row in scores.to_dict("records")]
    return Result(
        question="Real prices, default settings, everything we have: what is better than the last"
        " close?",
        settings=asdict(settings.walk_forward),
        table=scores[["ticker", "forecaster", "n", *SHOWN, "verdict"]],
        formats=FORMATS,
        gates=_gates(scores),
        notes=[
            "Bundled samples, adjusted closes, the last 30 % of each. rmse in dollars; skill is the"
            " share of the last close's mean absolute error removed; r2 is of log returns against"
            " the random walk; p_value is Diebold-Mariano's, one-sided, p_holm over the"
            f" {len(LEARNING)} that learn; coverage80 and coverage95 are shares of closes inside"
            " the intervals."
        ],
    )


def _gates(scores: pd.DataFrame) -> list[Gate]:
    last = scores[scores["forecaster"] == "last"].set_index("ticker")["rmse"]
    lstm = scores[scores["forecaster"] == "lstm"].set_index("ticker")
    near = {80: 0.02, 95: 0.01}
    gates = [
        Gate(
            f"the last close scores {_each(pd.Series(LAST), '.3f')}",
            _each(last, ".3f"),
            all(round(last[ticker], 3) == known for ticker, known in LAST.items()),
        ),
        Gate(
            "the LSTM's RMSE is at or below the last close's x 1.002",
            _each(lstm["rmse"] / last, ".4f"),
            bool((lstm["rmse"] <= 1.002 * last).all()),
        ),
    ]
    for share, most in near.items():
        found = lstm[f"coverage{share}"]
        promise = f"the LSTM's {share} % intervals cover within {100 * most:.0f} points"
        kept = bool(((found - share / 100).abs() <= most).all())
        gates.append(Gate(promise, _each(found, ".3f"), kept))
    return gates


def _each(values: pd.Series, form: str) -> str:
    return ", ".join(f"{ticker} {value:{form}}" for ticker, value in values.items())
