"""The lag detector: which close a forecast, read as a curve, resembles most."""

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.figure import Figure

from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.canvas import FOOT, HEAD, LEFT, RIGHT
from forecast.reporting.pictures.colours import FAINT, INK, colours
from forecast.reporting.selection import Selection
from forecast.reporting.wording import count

BEYOND = 2


def lag_picture(chosen: Selection, *, note: str = "", slim: bool = False) -> Figure:
    """How far forecasts lie from the close they are for, and from those before it."""
    distances = lag_distances(chosen)
    title = f"{chosen.title}: which close the forecast of {chosen.model} resembles most"
    with canvas.styled():
        figure = canvas.sheet(title, f"{chosen.words}\n{_finding(distances)}", note, slim=slim)
        if not len(distances):
            canvas.say(figure, "No lag: the answers are not of sessions in a row.")
            return figure
        box = (LEFT + 0.16, FOOT, RIGHT - LEFT - 0.08, HEAD - FOOT - 0.04)
        axes = canvas.panel(figure, box, tall=2.8)
        nearest = int(np.argmin(distances))
        shades = [FAINT] * len(distances)
        shades[nearest] = colours(chosen.names)[chosen.forecaster]
        places = np.arange(len(distances))[::-1]
        axes.barh(places, distances, height=0.62, color=shades)
        beside = 0.012 * float(np.max(distances))
        for place, distance in zip(places, distances, strict=True):
            axes.text(distance + beside, place, f"{distance:.3f} %", va="center", color=INK)
        names = [
            "the close it is for",
            *(f"{count(k, 'session')} before" for k in range(1, len(places))),
        ]
        slim_names = ["the close\nit is for", *(name.replace(" b", "\nb") for name in names[1:])]
        axes.set_yticks(places, slim_names if slim else names)
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False)
        axes.set_xlim(0, (1.35 if slim else 1.15) * float(np.max(distances)) or 1.0)
        canvas.caption(axes, "mean distance, % of the last close")
    return figure


def lag_distances(chosen: Selection) -> Float[np.ndarray, "lag"]:
    """Mean distance of forecasts from closes 0, 1, 2 ... sessions before theirs, in per cent.

    As far back as such closes are known: answers hold only the closes of their own sessions. Empty
    where those are not consecutive.
    """
    rows, horizon = chosen.known, chosen.horizon
    # With a cutoff at every session, each date is the cutoff of the answer `horizon` rows later.
    if not np.array_equal(rows["date"].to_numpy()[:-horizon], rows["cutoff"].to_numpy()[horizon:]):
        return np.array([])
    closes = pd.Series(rows["last"].to_numpy(), rows["cutoff"])
    closes = pd.concat([closes, pd.Series(rows["actual"].to_numpy(), rows["date"])])
    closes = closes[~closes.index.duplicated()].sort_index()
    at = closes.index.get_indexer(pd.DatetimeIndex(rows["date"]))
    forecast, last = rows["forecast"].to_numpy("float64"), rows["last"].to_numpy("float64")
    values = closes.to_numpy("float64")
    distances = list[float]()
    for lag in range(horizon + BEYOND + 1):
        known = at >= lag
        if known.any():
            error = np.abs(forecast[known] - values[at[known] - lag]) / last[known]
            distances.append(100 * float(error.mean()))
    return np.array(distances)


def _finding(distances: Float[np.ndarray, "lag"]) -> str:
    if not len(distances):
        return ""
    nearest = int(np.argmin(distances))
    if nearest == 0:
        return "it is nearest to the close it is for"
    return f"it is nearest to the close of {count(nearest, 'session')} before the one it is for"
