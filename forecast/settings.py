"""Frozen records of every choice a user can make, each field with its help sentence.

The command line derives its options from these records, the result folder stores them, and the
library takes them whole. Each record is checked once, when it is made.
"""

from dataclasses import Field, dataclass, field, fields
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal, cast, get_args, get_type_hints

from forecast.errors import SettingError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

CellKind = Literal["rnn", "lstm", "gru"]
InputKind = Literal["changes", "level"]
BackendName = Literal["auto", "native", "fused", "unrolled"]
DeviceName = Literal["auto", "cpu", "cuda", "mps"]
AttentionKind = Literal["luong", "bahdanau", "none"]
SearchName = Literal["random", "optuna"]
TargetName = Literal["close", "return", "direction", "volatility"]
VarianceName = Literal["auto", "close", "parkinson", "garman-klass", "rogers-satchell"]
# The largest number where a setting names none of its own: what every library can still count.
MOST = 2**31 - 1
NUMBERS = (int, float, int | float)
WORDS = {bool: "true or false", str: "a text"}


def setting(
    default: Any,
    sentence: str,
    *,
    low: int | float | None = None,
    high: int | float | None = None,
    option: str | None = None,
) -> Any:
    """A field with its help sentence, inclusive bounds, and its option's name where it differs."""
    return field(
        default=default, metadata={"help": sentence, "low": low, "high": high, "option": option}
    )


def check(record: "DataclassInstance") -> None:
    """Refuse a record with a value of another type, none of its choices, or out of its bounds.

    Raises:
        SettingError: there is one.
    """
    hints = get_type_hints(type(record))
    for each in fields(record):
        kind, value = hints[each.name], getattr(record, each.name)
        choices = [choice for choice in get_args(kind) if isinstance(choice, str)]
        if choices and not (isinstance(value, str) and value in choices):
            raise _wrong(each.name, f"one of {', '.join(choices)}", value)
        if kind in WORDS and not isinstance(value, kind):
            raise _wrong(each.name, WORDS[kind], value)
        if kind in NUMBERS:
            _check_number(each, kind, value)


def _check_number(each: "Field[Any]", kind: object, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral if kind is int else Real):
        raise _wrong(each.name, f"a {'whole ' * (kind is int)}number", value)
    number, (low, high) = cast(Any, value), map(each.metadata.get, ("low", "high"))
    most = MOST if high is None else high
    if not (low is None or number >= low) or not number <= most:
        raise _wrong(each.name, _bounds(low, most if number > most else high), value)


def _wrong(name: str, needed: str, value: object) -> SettingError:
    return SettingError(f"{name} is {needed}; got {' '.join(repr(value).split())[:80]}")


def _bounds(low: int | float | None, high: int | float | None) -> str:
    if high is None:
        return f"at least {low}"
    return f"at most {high}" if low is None else f"from {low} to {high}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What is forecast."""

    target: TargetName = setting(
        "close",
        "The close; the return until then; the chance of a rise; or how much prices will move.",
    )
    variance: VarianceName = setting(
        "auto",
        "How a session's variance is measured, where volatility is asked; auto takes garman-klass"
        " where open, high and low are there, else close.",
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """What a network reads."""

    inputs: InputKind = setting(
        "changes",
        "Log changes against the previous close, or MinMax-scaled price levels (the usual tutorial"
        " recipe).",
    )
    window: int = setting(7, "Sessions read before each forecast.", low=1, high=10_000)
    drift: float = setting(
        0.4,
        "How steady a rise or fall is assumed before the history has shown it: a year's mean"
        " change over its standard deviation; 0 assumes none.",
        low=0.0,
        high=100.0,
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Covariates:
    """What is read besides the prices; lists are separated by commas."""

    alongside: str = setting(
        "", "Other tickers or files whose changes are read too, as ^VIX,SPY.", option="with"
    )
    with_lag: int = setting(
        0, "Sessions by which those are held back, if their market closes later.", low=0, high=250
    )
    indicators: str = setting(
        "",
        "Technical indicators of the prices: momentum, sma, ema, macd, rsi, bollinger, atr,"
        " stochastic, volatility, activity; with a length, as sma:50.",
    )
    calendar: str = setting(
        "",
        "What is known of each session to come: weekday, month, month_end, month_start, holiday.",
    )
    exchange: str = setting(
        "", "Exchange whose scheduled holidays count, as XNYS; needs the extra 'calendar'."
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Network:
    """The shape of a recurrent network."""

    hidden: int = setting(10, "Hidden units of each layer.", low=1, high=4096)
    layers: int = setting(1, "Layers on top of each other.", low=1, high=16)
    bidirectional: bool = setting(False, "Read each window in both directions.")
    dropout: float = setting(0.0, "Share of units dropped between layers.", low=0.0, high=0.9)

    def __post_init__(self) -> None:
        check(self)
        if self.dropout and self.layers == 1:
            raise SettingError(f"dropout acts between layers; got {self.dropout} with 1 layer")


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """How a network learns."""

    epochs: int = setting(300, "Passes over the history at most.", low=1, high=1_000_000)
    learning_rate: float = setting(0.01, "Adam's learning rate.", low=1e-8, high=10.0)
    batch: int = setting(0, "Windows per step; 0 takes all at once.", low=0)
    clip: float = setting(1.0, "Largest gradient norm of one model; 0 never clips.", low=0.0)
    validation: float = setting(
        0.2, "Last share of the history, kept for early stopping; 0 for none.", low=0.0, high=0.5
    )
    patience: int = setting(30, "Epochs without improvement before learning stops.", low=1)
    trust: float = setting(
        0.35,
        "How much is believed before the validation has shown it; 0 believes everything learned.",
        low=0.0,
        high=100.0,
    )
    pooled: bool = setting(False, "One network for all tickers instead of one for each.")
    seed: int = setting(0, "Seed of everything random.", low=0, high=2**31 - 1)
    seeds: int = setting(
        1,
        "Networks that learn from the same rows, each from its own seed; they answer together.",
        low=1,
        high=1024,
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Compute:
    """Where it is computed, and by what."""

    device: DeviceName = setting("auto", "Where networks learn; auto takes what is there.")
    backend: BackendName = setting("auto", "What computes the cells; auto takes the fastest.")
    threads: int = setting(0, "Processor threads; 0 takes all cores.", low=0, high=1024)
    memory: float = setting(
        0.0, "GiB that learning may take; 0 takes half of what is free.", low=0.0, high=1e6
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class WalkForward:
    """How a forecaster is tested on sessions it has not seen."""

    first: float | int = setting(
        0.7, "Share (below 1) or number of rows in the first history.", low=0.01, high=1e9
    )
    horizon: int = setting(1, "Sessions ahead; 1 is the next close.", low=1, high=250)
    step: int = setting(1, "Rows between cutoffs.", low=1)
    refit: int = setting(20, "Learn anew every so many cutoffs; 0 learns once.", low=0)
    span: int = setting(0, "Learn from the last so many rows; 0 takes all.", low=0)
    gap: int = setting(0, "Rows before a refit's first cutoff left out of learning.", low=0)
    warm: bool = setting(False, "Start each refit from the weights before it.")

    def __post_init__(self) -> None:
        check(self)
        if self.first >= 1 and self.first != int(self.first):
            raise SettingError(f"first is a share below 1 or a number of rows; got {self.first}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Audit:
    """How a look-ahead audit is made."""

    horizon: int = setting(1, "Sessions ahead; 1 is the next close.", low=1, high=250)
    rows: int = setting(400, "Last sessions of the prices that are used.", low=60, high=60_000)
    futures: int = setting(12, "Cutoffs after which everything is changed.", low=2, high=10_000)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trading:
    """What trading on forecasts is assumed to cost."""

    cost: float = setting(
        5.0, "Basis points that trading costs, of what changes hands.", low=0.0, high=10_000.0
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Many:
    """How runs on many tickers are reported."""

    reports: int = setting(
        20,
        "Largest number of tickers of one run that each get a report of their own; more share one"
        " result.",
        low=0,
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """How settings are searched for, inside the history."""

    search: SearchName = setting("random", "Draw settings at random, or by Optuna (an extra).")
    trials: int = setting(20, "Settings to try; the first are those given.", low=1, high=10_000)
    refits: int = setting(3, "Times that each trial learns, in time order.", low=1, high=1000)
    search_seed: int = setting(0, "Seed of the search.", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Everything chosen for one run, as written into its result folder."""

    models: tuple[str, ...] = ("lstm",)
    target: Target = Target()
    inputs: Inputs = Inputs()
    covariates: Covariates = Covariates()
    network: Network = Network()
    training: Training = Training()
    compute: Compute = Compute()
    walk_forward: WalkForward = WalkForward()
    trading: Trading = Trading()

    def __post_init__(self) -> None:
        for each in fields(self):
            kind, value = type(cast(object, each.default)), getattr(self, each.name)
            if not isinstance(value, kind):
                raise _wrong(each.name, f"a {kind.__name__}", value)
