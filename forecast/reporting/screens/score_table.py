"""The columns of the score table on the screen, for each target."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from forecast.reporting.wording import number, p_value, percent, price
from forecast.settings import TargetName

Row = Mapping[str, Any]
Cell = Callable[[Row], str]


@dataclass(frozen=True, slots=True)
class Table:
    """Column heads with their cells, the baseline in the `first` row, and the legend."""

    columns: Mapping[str, Cell]
    first: str
    legend: Cell


def _share(name: str, form: str) -> Cell:
    return lambda row: number(100 * row[name], form, " %")


def _plain(name: str, form: str) -> Cell:
    return lambda row: number(row[name], form)


def _p_value(name: str) -> Cell:
    return lambda row: p_value(row[name])


_INSIDE: dict[str, Cell] = {
    "80 %": _share("coverage80", ".1f"),
    "95 %": _share("coverage95", ".1f"),
}
_CLOSE: dict[str, Cell] = {
    "RMSE": lambda row: price(row["rmse"]),
    "MAE": lambda row: price(row["mae"]),
    "skill": _share("skill", "+.2f"),
    "R2": _plain("r2", "+.4f"),
    "right": _share("direction", ".1f"),
    "p": _p_value("p_holm"),
    **_INSIDE,
}
_RETURN: dict[str, Cell] = {
    **_CLOSE,
    "RMSE": lambda row: number(row["rmse"], ".3f", " %"),
    "MAE": lambda row: number(row["mae"], ".3f", " %"),
}
_DIRECTION: dict[str, Cell] = {
    "Brier": _plain("brier", ".4f"),
    "log loss": _plain("log_loss", ".4f"),
    "skill": _share("skill", "+.2f"),
    "right": _share("direction", ".1f"),
    "MCC": _plain("mcc", "+.3f"),
    "PT p": _p_value("direction_p"),
    "p": _p_value("p_holm"),
}
_VOLATILITY: dict[str, Cell] = {
    "QLIKE": _plain("qlike", ".4f"),
    "skill": _share("skill", "+.1f"),
    "p": _p_value("p_holm"),
    "MSE log": _plain("log_mse", ".4f"),
    "skill ": _share("log_skill", "+.1f"),
    "p ": _p_value("log_holm"),
    **_INSIDE,
}


def _of_closes(row: Row) -> str:
    rose = percent(row["up_rate"], 1)
    return (
        "RMSE, MAE: size of errors; skill: share of the last close's MAE removed; R2: share of"
        f" changes explained; right: directions ({rose} rose); p: how often luck does as well;"
        " 80 %, 95 %: closes inside the interval"
    )


def _of_directions(row: Row) -> str:
    return (
        "Brier, log loss: errors of the chance; skill: share of the base rate's Brier removed;"
        f" right: side of one half ({percent(row['up_rate'], 1)} rose); MCC: agreement of sides, 0"
        " is chance; PT p, p: how often luck agrees, or errs, as well"
    )


def _of_volatilities(_: Row) -> str:
    return (
        "QLIKE, MSE log: errors of the variance; skill: share of HAR's removed; p: how often"
        " luck does as well; 80 %, 95 %: volatilities inside the interval"
    )


TABLES: dict[TargetName, Table] = {
    "close": Table(_CLOSE, "last", _of_closes),
    "return": Table(_RETURN, "last", _of_closes),
    "direction": Table(_DIRECTION, "base", _of_directions),
    "volatility": Table(_VOLATILITY, "har", _of_volatilities),
}
