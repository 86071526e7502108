"""What a model reads to forecast volatility, and how its output becomes a volatility.

An output of zero is the forecast of `Har`, so a model learns only what that one leaves over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from forecast.errors import CheckpointError
from forecast.features.scaling import MinMax, numbers
from forecast.features.variance import MONTH, Har, means_ahead, terms, trailing_means, variances
from forecast.features.windows import build_dataset, last_window, samples
from forecast.settings import Inputs, VarianceName
from forecast.shapes import Answers, Table, Targets, Windows

BOUNDS = (-1.0, 1.0)
NAMES = ("day", "week", "month", "change", "volume")


def volatility(variance: Any) -> Any:
    """Standard deviation of a session's log change, in per cent, from its variance; any shape.

    >>> round(float(volatility(0.0004)), 9)
    2.0
    """
    return 100 * np.sqrt(variance)


def columns(history: pd.DataFrame, how: VarianceName) -> Table:
    """The numbers of each session from the 23rd on.

    `day` and `week` are logs of the variance over that of the month, `month` its log, `change` the
    log change in units of the month's volatility, `volume` (where there is one) the log of volume
    less its mean over the month.

    Raises:
        DataError: fewer than 23 sessions.
    """
    known = terms(variances(history, how))
    change = np.diff(np.log(history["close"].to_numpy("float64")))[MONTH - 1 :]
    month = known[:, 2]
    found = [known[:, 0] - month, known[:, 1] - month, month, change / np.exp(month / 2)]
    if "volume" in history.columns:
        volume = np.log1p(history["volume"].to_numpy("float64"))[1:]
        found.append(volume[MONTH - 1 :] - trailing_means(volume, MONTH))
    return np.column_stack(found)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FittedVariance:
    """Scaling and HAR fitted on one history; turns histories into windows, outputs into volatility.

    An output is what HAR leaves over of the log variance, in units of its standard deviation over
    the history.
    """

    settings: Inputs
    how: VarianceName
    horizon: int
    names: tuple[str, ...]
    scaling: MinMax
    har: Har
    spread: Float[np.ndarray, " horizon"]

    @classmethod
    def of(
        cls, history: pd.DataFrame, settings: Inputs, how: VarianceName, horizon: int
    ) -> "FittedVariance":
        """Fitted on this history alone.

        Raises:
            DataError: too few sessions.
        """
        variance = variances(history, how)
        har, values = Har.fit(variance, horizon), columns(history, how)
        wanted = np.log(means_ahead(variance, horizon)[MONTH:])
        left = wanted - har.expected(terms(variance)[: len(wanted)])
        return cls(
            settings=settings,
            how=how,
            horizon=horizon,
            names=NAMES[: values.shape[1]],
            scaling=MinMax.fit(values, BOUNDS),
            har=har,
            spread=left.std(axis=0),
        )

    @property
    def rows(self) -> int:
        """Sessions needed for one window."""
        return self.settings.window + MONTH

    def samples(self, history: pd.DataFrame) -> int:
        """How many windows `dataset` has.

        Raises:
            DataError: the history is too short for one.
        """
        rows = len(history) - MONTH
        return samples(rows, window=self.settings.window, horizon=self.horizon)

    def dataset(self, history: pd.DataFrame) -> tuple[Windows, Targets]:
        """Every window of the history, scaled, and the output that was wanted after it."""
        window, variance = self.settings.window, variances(history, self.how)
        scaled = self.scaling.scale(columns(history, self.how))
        windows, _ = build_dataset(scaled, window=window, horizon=self.horizon)
        wanted = np.log(means_ahead(variance, self.horizon)[window + MONTH - 1 :])
        known = terms(variance)[window - 1 :][: len(wanted)]
        return windows, (wanted - self.har.expected(known)) / self.spread

    def windows(self, histories: Sequence[pd.DataFrame]) -> Windows:
        """The newest window of each history, scaled.

        Raises:
            CheckpointError: a history has no volume where one was learned from.
            DataError: a history has too few rows.
        """
        return np.stack([self._window(history) for history in histories])

    def _window(self, history: pd.DataFrame) -> Table:
        values = columns(history.iloc[-self.rows :], self.how)
        if values.shape[1] != len(self.names):
            raise CheckpointError(
                f"{values.shape[1]} columns; this model learned from {', '.join(self.names)[:200]}"
            )
        return self.scaling.scale(last_window(values, window=self.settings.window))

    def prices(self, outputs: Answers, histories: Sequence[pd.DataFrame]) -> Answers:
        """Volatilities from outputs, in per cent a session."""
        tails = [variances(each.iloc[-(MONTH + 1) :], self.how) for each in histories]
        expected = self.har.expected(np.concatenate([terms(tail) for tail in tails]))
        return volatility(np.exp(expected + outputs * self.spread) * self.har.smear)

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        return {
            **asdict(self.settings),
            "variance": self.how,
            "horizon": self.horizon,
            "names": list(self.names),
            "low": self.scaling.low.tolist(),
            "high": self.scaling.high.tolist(),
            "weights": self.har.weights.tolist(),
            "smear": self.har.smear.tolist(),
            "spread": self.spread.tolist(),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "FittedVariance":
        """What `as_json` gave.

        Raises:
            KeyError, TypeError, ValueError, SettingError: it is something else.
        """
        horizon, names = int(values["horizon"]), tuple(map(str, values["names"]))
        scale = [numbers(values[name]).reshape(len(names)) for name in ("low", "high")]
        smear, spread = (numbers(values[name]).reshape(horizon) for name in ("smear", "spread"))
        return cls(
            settings=Inputs(
                inputs=values["inputs"], window=values["window"], drift=values["drift"]
            ),
            how=values["variance"],
            horizon=horizon,
            names=names,
            scaling=MinMax(scale[0], scale[1], BOUNDS),
            har=Har(numbers(values["weights"]).reshape(4, horizon), smear),
            spread=spread,
        )
