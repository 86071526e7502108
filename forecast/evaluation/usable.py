"""Whether there are enough prices for the settings, checked before any work starts."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from forecast.data.prices import Prices
from forecast.errors import DataError
from forecast.evaluation.folds import folds
from forecast.features.variance import MONTH
from forecast.features.windows import samples
from forecast.forecasters.catalogue import BASELINES
from forecast.settings import Settings


def refuse_unusable(every: Sequence[Prices], settings: Settings) -> None:
    """Refuse prices that some model of the settings cannot learn from.

    Raises:
        DataError: some cannot be used.
    """
    for prices in every:
        if why := unusable(prices, settings):
            raise DataError(why)


def unusable(prices: Prices, settings: Settings) -> str:
    """Why nothing can be learned from these prices; empty where something can."""
    place = prices.receipt.place
    name = place if Path(place).stem == prices.ticker else prices.ticker
    try:
        history = folds(prices.table, settings.walk_forward)[0].history
    except DataError as error:
        return f"{name}: {error}. Fix: give more rows."
    if not np.ptp(history["close"].to_numpy()) > 0:
        fix = "give more rows, or another column (--close-column)"
        return f"{name}: the close is constant over the first {len(history)} rows. Fix: {fix}."
    if set(settings.models) <= set(BASELINES):
        return ""
    window, horizon = settings.inputs.window, settings.walk_forward.horizon
    # A change needs the close before it, a month's mean variance the month.
    lost = MONTH if settings.target.target == "volatility" else 1
    try:
        samples(len(history) - lost, window=window, horizon=horizon)
    except DataError as error:
        largest = len(history) - lost - horizon
        fix = (
            f"pass --window {largest} or less" if largest > 0 else "raise --first or give more rows"
        )
        return f"{name}: {error}. Fix: {fix}."
    return ""
