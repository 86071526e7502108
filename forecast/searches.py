"""Where a search looks: each gives point after point to try, and may be told how good they were."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from forecast.extras import extra
from forecast.settings import Search

Point = dict[str, Any]
# Tells the R2 of a point, once it is known.
Tell = Callable[[float], None]
Ask = Callable[[], tuple[Point, Tell]]

HIDDEN, WINDOWS = (4, 8, 16, 32), (5, 7, 10, 20)
RATES, TRUSTS = (0.001, 0.03), (0.05, 1.0)


def nobody(score: float) -> None:
    """Tell nobody of a score."""


def _random(cells: Sequence[str], search: Search) -> Ask:
    """Points drawn independently (Bergstra & Bengio 2012)."""
    dice = np.random.default_rng(search.search_seed)

    def between(low: float, high: float) -> float:
        return _rounded(math.exp(dice.uniform(math.log(low), math.log(high))))

    def ask() -> tuple[Point, Tell]:
        point = {
            "model": str(dice.choice(list(cells))),
            "hidden": int(dice.choice(HIDDEN)),
            "window": int(dice.choice(WINDOWS)),
            "learning_rate": between(*RATES),
            "trust": between(*TRUSTS),
        }
        return point, nobody

    return ask


def _optuna(cells: Sequence[str], search: Search) -> Ask:
    """Points drawn near those that were good (Bergstra et al. 2011), by Optuna."""
    lacking = "search optuna needs Optuna: pip install 'forecast[tune]'; or take --search random"
    optuna = extra("optuna", lacking)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=search.search_seed)
    )

    def ask() -> tuple[Point, Tell]:
        trial = study.ask()
        point = {
            "model": trial.suggest_categorical("model", list(cells)),
            "hidden": trial.suggest_categorical("hidden", list(HIDDEN)),
            "window": trial.suggest_categorical("window", list(WINDOWS)),
            "learning_rate": _rounded(trial.suggest_float("learning_rate", *RATES, log=True)),
            "trust": _rounded(trial.suggest_float("trust", *TRUSTS, log=True)),
        }

        def tell(score: float) -> None:
            study.tell(trial, score)

        return point, tell

    return ask


def _rounded(value: float) -> float:
    """Two digits: more would say that the search knows more than it does."""
    return float(f"{value:.2g}")


SEARCHES: dict[str, Callable[[Sequence[str], Search], Ask]] = {"random": _random, "optuna": _optuna}
