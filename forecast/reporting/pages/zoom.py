"""Prices and forecasts to zoom into: one page, with plotly's own bundle (extra `interactive`).

The page may run that bundle and the two scripts that start it, which its policy names by their
digests; it may load nothing.
"""

import base64
import hashlib
import html
import re
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.data.files import write_whole
from forecast.data.prices import Prices
from forecast.evaluation.answers import COVERAGES
from forecast.extras import extra
from forecast.reporting.folder import ZOOM
from forecast.reporting.pictures.colours import INK, colours
from forecast.reporting.run import Run
from forecast.reporting.wording import percent, plain

SHOWN = 130
CANDLES = ("open", "high", "low", "close")
_SCRIPT = re.compile(r"<script[^>]*>(.*?)</script>", re.DOTALL)


def write(folder: Path, run: Run, prices: Prices) -> Path:
    """Write the page into a result folder, and return it.

    Raises:
        SettingError: plotly is not installed.
        OutputError: it cannot be written.
    """
    write_whole(folder / ZOOM, zoomable(run, prices))
    return folder / ZOOM


def plotly() -> Any:
    """Plotly's figures.

    Raises:
        SettingError: plotly is not installed.
    """
    lacking = "plotly is not installed; pip install 'forecast[interactive]'"
    return extra("plotly.graph_objects", lacking)


def zoomable(run: Run, prices: Prices) -> bytes:
    """The HTML of candlesticks under forecasts and intervals; the same bytes each time."""
    graphs = plotly()
    chosen = run.headline
    rows = pd.concat([chosen.known, chosen.upcoming])
    colour = colours(chosen.names)[chosen.forecaster]
    traces = [_candles(graphs, prices.table)]
    for level, (low, high) in reversed(COVERAGES.items()):
        traces += _band(graphs, rows, (low, high), f"{percent(level)} interval", colour)
    line = {"color": colour, "width": 1.5}
    name = f"forecast ({html.escape(chosen.model)})"
    traces.append(graphs.Scatter(x=rows["date"], y=rows["forecast"], name=name, line=line))
    figure = graphs.Figure(traces)
    figure.update_layout(
        title={"text": html.escape(f"{chosen.title}: {chosen.words}")},
        template="plotly_white",
        hovermode="x unified",
        xaxis={"range": _window(rows), "rangeslider": {"visible": True}},
        yaxis={"title": {"text": "price, as in the source"}, "range": _heights(rows.iloc[-SHOWN:])},
    )
    page: str = figure.to_html(include_plotlyjs=True, div_id="chart", full_html=True)
    return _guarded(page, html.escape(plain(run.ticker, 60))).encode()


def _candles(graphs: Any, table: pd.DataFrame) -> Any:
    """Candlesticks where the prices have all four, else the closes as a line."""
    if all(name in table for name in CANDLES):
        return graphs.Candlestick(
            x=table.index, name="price", **{name: table[name] for name in CANDLES}
        )
    return graphs.Scatter(x=table.index, y=table["close"], name="close", line={"color": INK})


def _band(
    graphs: Any, rows: pd.DataFrame, ends: tuple[str, str], name: str, colour: str
) -> list[Any]:
    low, high = ends
    shared: dict[str, Any] = {"x": rows["date"], "mode": "lines", "line": {"width": 0}}
    shared |= {"legendgroup": name, "hoverinfo": "skip"}
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return [
        graphs.Scatter(y=rows[high], showlegend=False, **shared),
        graphs.Scatter(
            y=rows[low],
            name=name,
            fill="tonexty",
            fillcolor=f"rgba({red},{green},{blue},0.18)",
            **shared,
        ),
    ]


def _window(rows: pd.DataFrame) -> list[str]:
    """What is shown at first: about the last half year of answers."""
    dates = rows["date"].iloc[-SHOWN:]
    return [f"{dates.iloc[0]:%Y-%m-%d}", f"{dates.iloc[-1] + pd.Timedelta(days=3):%Y-%m-%d}"]


def _heights(rows: pd.DataFrame) -> list[float]:
    """From the lowest to the highest of what is shown at first, with a little room."""
    prices = rows[["actual", "forecast", *(end for ends in COVERAGES.values() for end in ends)]]
    return [0.98 * float(prices.min().min()), 1.02 * float(prices.max().max())]


def _guarded(page: str, title: str) -> str:
    """The page with a language, a title and a policy that names its scripts."""
    digests = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _SCRIPT.findall(page)
    )
    policy = (
        f"default-src 'none'; script-src {digests}; style-src 'unsafe-inline';"
        " img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<link rel="icon" href="data:,"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
    )
    page = page.replace("<html>", '<html lang="en">', 1)
    return page.replace("</head>", f"{head}</head>", 1)
