"""What chance allows: claims on noise, signals found, shares that intervals hold."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.data import samples
from forecast.data.prices import Prices
from forecast.data.synthetic import garch, volatility_shift
from forecast.evaluation.answers import QUANTILES
from forecast.evaluation.metrics.quantiles import winkler
from forecast.evaluation.scores import score
from forecast.evaluation.verdict import verdict
from forecast.evaluation.walk_forward import walk_forward
from forecast.forecasters.naive import Drift, Last
from forecast.forecasters.tabular import Tabular
from forecast.settings import Inputs, WalkForward
from tests.benchmarks.planted import LSTM, PLANS, PROTOCOL, WALK, Plan, outcomes
from tests.reliability.trial import Finding

BUNDLED = ("GOOG", "AAPL", "IBM", "MSFT")
TRIES = 10
SHARES = (0.8, 0.95)
NAMES = {round(level, 4): name for name, level in QUANTILES.items()}


def walks(_: Path, times: int) -> Finding:
    """Gate 3: claims on walks that nothing can forecast.

    31 of 400 and 11 of 100 are the 99 % bounds of 5 %.
    """
    claims = dict[str, tuple[int, int, float]]()
    for name in ("random walk", "GARCH-t walk"):
        series = PLANS[name].series
        for cell in ("lstm", "gru", "rnn"):
            learned = outcomes(Plan(series, replace(LSTM, cell=cell), times // 4))
            claims[f"{name} {cell}"] = int(learned["claimed"].sum()), times // 4, 11 / 100
        linear = outcomes(Plan(series, Tabular(), times))
        claims[f"{name} ridge"] = int(linear["claimed"].sum()), times, 31 / 400
    claims[f"random walk, best of {TRIES}"] = best_of(times // 4), times // 4, 11 / 100
    lost = sum(claimed > max(2, of * most) for claimed, of, most in claims.values())
    told = ", ".join(f"{claimed} of {of} ({name})" for name, (claimed, of, _) in claims.items())
    tried = sum(of for _, of, _ in claims.values())
    return Finding("G3 noise is not claimed", tried, lost, f"claimed {told}")


def best_of(times: int) -> int:
    """How many walks are claimed where the best of many models is looked for."""
    tried = {f"ridge {2 + at}": Tabular(inputs=Inputs(window=2 + at)) for at in range(TRIES)}
    every = [WALK(seed).prices for seed in range(times)]
    naive = {"last": Last(), "drift": Drift(), "logdrift": Drift(logs=True)}
    answers = walk_forward(every, {**tried, **naive}, PROTOCOL)
    claimed = 0
    for prices in every:
        own = answers[answers["ticker"] == prices.ticker]
        scores = score(own, {prices.ticker: prices.table["close"]}, list(tried))
        rows = scores[scores["forecaster"].isin(tried)].to_dict("records")
        claimed += any(verdict(row).startswith("better") for row in rows)
    return claimed


def planted(_: Path, times: int) -> Finding:
    """Gate 4: planted signals are learned to near their optimum, and found."""
    found = outcomes(Plan(PLANS["AR(1) .5"].series, LSTM, times))
    bent, pure = outcomes(PLANS["threshold"]), outcomes(PLANS["sine without noise"])
    median, most = 1 + found["excess"].median(), 1 + found["excess"].max()
    middle, least = 1 + bent["excess"].median(), pure["r2"].min()
    lost = int(median > 1.03 or most > 1.06 or not found["dm"].all())
    lost += int(middle > 1.05) + int(least < 0.99)
    told = f"AR(1): error over the least possible, median {median:.3f}, most {most:.3f};"
    told += f" DM rejects {int(found['dm'].sum())} of {times}; threshold process: median"
    told += f" {middle:.3f}; a sine without noise: R2 {least:.4f}"
    return Finding("G4 what is there is found", times + len(bent) + len(pure), lost, told)


def coverage(_: Path, times: int) -> Finding:
    """Gate 6: intervals hold what they say: GARCH-t walks, a broken calm, real prices."""
    stormy = [garch(1_000, seed, close_only=True).prices for seed in range(times)]
    broken = [
        partial(volatility_shift, at=600)(1_000, seed, close_only=True).prices
        for seed in range(times)
    ]
    calm, after = _held(stormy), _held(broken)
    each = {ticker: _held([samples.load(ticker)]) for ticker in BUNDLED}
    ours, plain, endless = _width()
    lost = _far(calm, (0.015, 0.01)) + (after[0] < 0.78) + (after[1] < 0.94)
    lost += sum(_far(shares, (0.02, 0.01)) for shares in each.values())
    lost += (ours > plain) + endless
    told = f"GARCH-t {_shown(calm)}; volatility times 2.5 {_shown(after)}; "
    told += "; ".join(f"{ticker} {_shown(shares)}" for ticker, shares in each.items())
    told += f"; Winkler over plain split conformal {ours / plain:.3f}; {endless} endless"
    return Finding("G6 intervals hold what they say", 2 * times + len(each), int(lost), told)


def _held(every: list[Prices]) -> tuple[float, float]:
    """The shares inside the intervals of 80 and 95 % around the last close."""
    answers = _answers(every)
    both = [answers["actual"].between(*_ends(answers, share)).mean() for share in SHARES]
    return float(both[0]), float(both[1])


def _answers(every: list[Prices]) -> pd.DataFrame:
    return walk_forward(every, {"last": Last()}, WalkForward(first=500, refit=0))


def _ends(answers: pd.DataFrame, share: float) -> tuple[pd.Series, pd.Series]:
    tail = (1 - share) / 2
    return answers[NAMES[round(tail, 4)]], answers[NAMES[round(1 - tail, 4)]]


def _width() -> tuple[float, float, int]:
    """Mean Winkler scores on the bundled tickers, ours and plain; endless intervals of ours."""
    ours, plain, endless = list[float](), list[float](), 0
    for ticker in BUNDLED:
        prices = samples.load(ticker)
        answers = _answers([prices])
        last, actual = (answers[name].to_numpy() for name in ("last", "actual"))
        moves = np.sort(np.abs(np.diff(np.log(prices.table["close"].to_numpy()[:500]))))
        for share in SHARES:
            low, high = (end.to_numpy() for end in _ends(answers, share))
            ours.append(winkler(actual / last, low / last, high / last, share))
            endless += int((~np.isfinite(high - low)).sum())
            # Split conformal prediction: the k-th smallest absolute change of the history.
            reach = moves[int(np.ceil((len(moves) + 1) * share)) - 1]
            ends = (np.full(len(last), np.exp(sign * reach)) for sign in (-1, 1))
            plain.append(winkler(actual / last, *ends, share))
    return float(np.mean(ours)), float(np.mean(plain)), endless


def _far(shares: tuple[float, float], room: tuple[float, float]) -> int:
    pairs = zip(shares, SHARES, room, strict=True)
    return sum(abs(share - level) > most for share, level, most in pairs)


def _shown(shares: tuple[float, float]) -> str:
    return f"{100 * shares[0]:.1f} and {100 * shares[1]:.1f} %"
