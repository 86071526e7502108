"""Which numbers a model reads from a history, and how its output becomes a price again.

`changes` reads logs relative to the previous close, so a constant adjustment factor cancels, and
an output of zero is the last close, moved by what is believed of the mean change. `level` reads
the columns as they are: the usual tutorial recipe, which cannot follow prices beyond the range that
it learned from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from forecast.data.prices import COLUMNS, last_close
from forecast.data.sessions import a_year
from forecast.errors import CheckpointError, DataError
from forecast.features.scaling import MinMax, numbers
from forecast.features.windows import build_dataset, last_window, samples
from forecast.settings import InputKind, Inputs
from forecast.shapes import Answers, Series, Table, Targets, Windows

BOUNDS: dict[InputKind, tuple[float, float]] = {"changes": (-1.0, 1.0), "level": (0.0, 1.0)}


def columns(history: pd.DataFrame, kind: InputKind) -> Table:
    """The numbers of each session; `changes` has one row less: the first has no previous close.

    Columns are those of the history, in its order: prices, volume, covariates.

    Raises:
        DataError: a covariate holds something that is no finite number.

    >>> table = pd.DataFrame({"close": [100.0, 110.0, 99.0]})
    >>> columns(table, "changes").round(4).tolist()
    [[0.0953], [-0.1054]]
    """
    return _numbers(history.to_numpy(dtype="float64"), list(history.columns), kind)


def _numbers(values: Table, names: list[str], kind: InputKind) -> Float[np.ndarray, "_ feature"]:
    if kind == "changes":
        values = _changes(values, names)
    bad = ~np.isfinite(values).all(axis=0)
    if bad.any():
        name = names[int(np.argmax(bad))]
        raise DataError(f"column {name!r} has a value that is no finite number; fill or drop it")
    return values


def believed_mean(changes: Series, steadiness: float, year: float = 252.0) -> float:
    """The mean change a session, drawn towards zero as far as the history is short.

    The mean of the normal distribution that is left when one around zero, whose standard deviation
    is that of the changes times `steadiness` / sqrt(`year`), has seen them: mean n / (n + year /
    steadiness^2), a shrinkage in the sense of James and Stein (1961). `year` counts its sessions.

    >>> round(believed_mean(np.full(252, 0.002), steadiness=1.0), 6)
    0.001
    """
    if not steadiness:
        return 0.0
    return float(changes.mean()) * len(changes) / (len(changes) + year / steadiness**2)


def _changes(values: Table, names: list[str]) -> Float[np.ndarray, "row-1 feature"]:
    logs = values[1:].copy()
    before = np.log(values[:-1, names.index("close")])
    for column, name in enumerate(names):
        if name == "volume":
            logs[:, column] = np.diff(np.log1p(values[:, column]))
        elif name in COLUMNS:
            logs[:, column] = np.log(values[1:, column]) - before
    return logs


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FittedInputs:
    """Scaling fitted on one history; turns histories into windows, and outputs into closes.

    An output is `(value - shift) / spread`. For `level` the value is the close h sessions ahead.
    For `changes` it is the log change until then over the square root of h, which gives every
    horizon the same spread under a random walk; shift is the change believed of one session, and
    h of them are taken away before that.
    """

    settings: Inputs
    horizon: int
    names: tuple[str, ...]
    scaling: MinMax
    shift: float
    spread: float

    @classmethod
    def of(cls, history: pd.DataFrame, settings: Inputs, horizon: int) -> "FittedInputs":
        """Fitted on this history alone.

        Raises:
            DataError: the close never changes, so that there is nothing to learn.
        """
        values, names = columns(history, settings.inputs), tuple(map(str, history.columns))
        scaling = MinMax.fit(values, BOUNDS[settings.inputs])
        close = names.index("close")
        if scaling.low[close] == scaling.high[close]:
            raise DataError(f"the close is constant over {len(history)} rows; nothing to learn")
        if settings.inputs == "level":
            shift, spread = float(scaling.low[close]), float(1.0 / scaling.factor[close])
        else:
            year = a_year(pd.DatetimeIndex(history.index))
            shift = believed_mean(values[:, close], settings.drift, year)
            spread = float(values[:, close].std())
        return cls(
            settings=settings,
            horizon=horizon,
            names=names,
            scaling=scaling,
            shift=shift,
            spread=spread,
        )

    def drifting(self, rate: float) -> "FittedInputs":
        """The same with another believed change a session, in units of the spread."""
        return replace(self, shift=rate * self.spread)

    @property
    def rows(self) -> int:
        """Sessions needed for one window."""
        return self.settings.window + (self.settings.inputs == "changes")

    def samples(self, history: pd.DataFrame) -> int:
        """How many windows `dataset` has.

        Raises:
            DataError: the history is too short for one.
        """
        rows = len(history) - (self.settings.inputs == "changes")
        return samples(rows, window=self.settings.window, horizon=self.horizon)

    def dataset(self, history: pd.DataFrame) -> tuple[Windows, Targets]:
        """Every window of the history, scaled, and the output that was wanted after it."""
        values = columns(history, self.settings.inputs)
        _, ahead = build_dataset(
            values,
            window=self.settings.window,
            horizon=self.horizon,
            target=self.names.index("close"),
        )
        windows, _ = build_dataset(
            self.scaling.scale(values), window=self.settings.window, horizon=self.horizon
        )
        if self.settings.inputs == "changes":
            ahead = np.cumsum(ahead, axis=1) / self.growth
        return windows, (ahead - self.shifts) / self.spread

    def windows(self, histories: Sequence[pd.DataFrame]) -> Windows:
        """The newest window of each history, scaled.

        Raises:
            CheckpointError: a history has other columns than were fitted.
            DataError: a history has too few rows.
        """
        return np.stack([self._window(history) for history in histories])

    def _window(self, history: pd.DataFrame) -> Table:
        names = list(history.columns)
        if tuple(names) != self.names:
            raise CheckpointError(
                f"columns {', '.join(map(str, names))[:200]}; this model learned from"
                f" {', '.join(self.names)[:200]}; give it the same, or fit again"
            )
        # Rows are cut off numbers and not off a table, which takes ten times as long.
        newest = history.to_numpy(dtype="float64")[-self.rows :]
        values = _numbers(newest, names, self.settings.inputs)
        return self.scaling.scale(last_window(values, window=self.settings.window))

    def prices(self, outputs: Answers, histories: Sequence[pd.DataFrame]) -> Answers:
        """Closes from outputs, in the currency of the histories."""
        values = outputs * self.spread + self.shifts
        if self.settings.inputs == "level":
            return values
        last = np.array([last_close(history) for history in histories])
        return last[:, None] * np.exp(values * self.growth)

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        return {
            **asdict(self.settings),
            "horizon": self.horizon,
            "names": list(self.names),
            "low": self.scaling.low.tolist(),
            "high": self.scaling.high.tolist(),
            "shift": self.shift,
            "spread": self.spread,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "FittedInputs":
        """What `as_json` gave.

        Raises:
            KeyError, TypeError, ValueError, SettingError: it is something else.
        """
        settings = Inputs(inputs=values["inputs"], window=values["window"], drift=values["drift"])
        low, high = (numbers(values[name]) for name in ("low", "high"))
        names = tuple(map(str, values["names"]))
        if not low.shape == high.shape == (len(names),):
            raise ValueError(f"{len(names)} columns, scaling of {low.shape} and {high.shape}")
        return cls(
            settings=settings,
            horizon=int(values["horizon"]),
            names=names,
            scaling=MinMax(low, high, BOUNDS[settings.inputs]),
            shift=float(values["shift"]),
            spread=float(values["spread"]),
        )

    @property
    def shifts(self) -> Float[np.ndarray, " horizon"]:
        """The shift of each horizon, in its own unit."""
        if self.settings.inputs == "level":
            return np.full(self.horizon, self.shift)
        return self.shift * self.growth

    @property
    def growth(self) -> Float[np.ndarray, " horizon"]:
        return np.sqrt(np.arange(1.0, self.horizon + 1.0))
