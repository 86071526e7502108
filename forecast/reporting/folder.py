"""A result folder: one run as files that can be read back, looked at and drawn again.

| file | holds |
|---|---|
| report.html | all of it, to be looked at |
| settings.json, receipt.json | what was asked; where the prices came from |
| scores.json | verdict, scores, trading, what each figure means, SHA-256 of it and the data |
| trials.json | every configuration ever tried on the ticker |
| answers.csv, learning.csv | every forecast with its actual; the loss of every epoch |
| return.csv, direction.csv | the answers as these, where one of them was asked for |
| model.safetensors | the saved model, where there is one |
| forecast.png | the first picture; the others where they are asked for, as .png and .svg |
| interactive.html | prices and forecasts that can be zoomed, where they were asked for |
| runs/ | every run there was, each in a folder named by its date |

The same run gives the same bytes. All files are complete on the disk before the first takes its
name; a folder with parts of two runs, as a power cut may leave, is refused when it is read.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

import pandas as pd

from forecast.data.files import alone, prepare, read_whole, write_all
from forecast.data.prices import Receipt
from forecast.data.tickers import folder_name
from forecast.errors import ForecastError, OutputError
from forecast.evaluation.answers import COLUMNS, KEYS, PRICES
from forecast.reporting import canvas, formats, trials
from forecast.reporting.figures import EVERY, figures
from forecast.reporting.glossary import meanings
from forecast.reporting.history import MOST_BYTES, SCORES, keep
from forecast.reporting.pages.report import report
from forecast.reporting.run import CURVES, Run
from forecast.settings import Settings
from forecast.training.checkpoint import MODEL

REPORT, ZOOM = "report.html", "interactive.html"
FIRST, USUAL = "forecast", "prices"
SIGHTS = {"return": COLUMNS, "direction": (*KEYS, *PRICES)}


def write(folder: Path, run: Run, when: datetime, model: bytes | None = None) -> Path:
    """Keep a run in a folder dated `when` (UTC), and show it in `folder` as the newest.

    Returns the dated folder. `model` is the content of the saved model. With the run it is written
    that its configuration was tried.

    Raises:
        OutputError: the folder cannot be written; each file in it is as it was.
    """
    prepare(folder)
    saved = {} if model is None else {MODEL: model}
    contents = _drawn(run) | saved | _data(run)
    with alone(folder):
        contents[trials.TRIALS] = trials.counted(folder, [run.settings])
        dated = keep(folder, contents, when)
    for name in (
        MODEL,
        ZOOM,
        *(f"{name}.csv" for name in SIGHTS),
        *(f"{name}.{kind}" for name in EVERY for kind in ("png", "svg")),
    ):
        if name not in contents:
            (folder / name).unlink(missing_ok=True)
    return dated


def read(folder: Path) -> Run:
    """The run that was written into `folder`.

    Raises:
        OutputError: a file is missing, damaged, or from another run than the rest.
    """
    if kind(folder) != USUAL:
        raise OutputError(f"{str(folder)!r} is a result of {kind(folder)}; one of prices is needed")
    try:
        with alone(folder):  # of one run, also while another is being written
            told = _json(folder, SCORES)
            contents = {name: _content(folder, name) for name in told["sha256"] if name != SCORES}
        _check_digests(folder, contents | {SCORES: _said(told)}, told["sha256"])
        receipt = formats.record(Receipt, formats.from_json(contents["receipt.json"]))
        settings = formats.record(Settings, formats.from_json(contents["settings.json"]))
        return Run(
            ticker=told["ticker"],
            receipt=receipt,
            settings=settings,
            answers=formats.from_csv(contents["answers.csv"], COLUMNS),
            scores=formats.table(told["scores"]),
            curves=formats.from_csv(contents["learning.csv"], CURVES),
            verdict=told["verdict"],
            sight=_sight(contents, settings.target.target),
            trading=formats.table(told["trading"]),
            pooled=formats.table(told.get("pooled", [])),
            trials=told["trials"],
            notes=tuple(told["notes"]),
            findings=tuple(told["findings"]),
            command=told["command"],
            versions=told["versions"],
        )
    except OutputError:
        raise
    except (ForecastError, *formats.UNREADABLE) as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
        raise OutputError(
            f"{str(folder)!r} holds no result that can be read: {reason}; run forecast fit again"
        ) from error


def found(named: str | None, out: Path) -> Path:
    """The result folder that a ticker or a place names; without a name, the newest in `out`.

    Raises:
        OutputError: there is none.
    """
    if named is None:
        return newest(out)
    ticker = out / folder_name(named.upper())
    for place in (Path(named), out / named, ticker):
        if place.is_dir():
            return place
    near = get_close_matches(ticker.name, [path.parent.name for path in out.glob(f"*/{SCORES}")], 1)
    hint = f"did you mean {near[0]!r}?" if near else "run forecast fit first"
    raise OutputError(f"{str(out)!r} holds no result of {named!r}; {hint}")


def newest(out: Path) -> Path:
    """The result folder in `out` that was written last.

    Raises:
        OutputError: there is none.
    """
    found = [path for path in out.glob(f"*/{SCORES}") if path.is_file()]
    if not found:
        raise OutputError(f"{str(out)!r} holds no result; run forecast fit first")
    return max(found, key=lambda path: path.stat().st_mtime).parent


def kind(folder: Path) -> str:
    """What the result in a folder is about: `prices`, `text` or `translation`.

    Raises:
        OutputError: there is none.
    """
    return str(_json(folder, SCORES).get("kind", USUAL))


def redraw(folder: Path, *, pictures: bool = False) -> list[Path]:
    """Draw the page of a result folder again from its data, without learning anything.

    With `pictures`, each of them becomes a file of its own, too. Returns what was written. The page
    of a model of text or a translator was drawn when it learned, and is returned as it is.

    Raises:
        OutputError: the folder cannot be read or written.
    """
    if kind(folder) != USUAL:
        return [folder / REPORT]
    run = read(folder)
    prepare(folder)
    drawn = _drawn(run)
    if pictures:
        every = figures(run)
        drawn |= {f"{name}.png": canvas.png(figure) for name, figure in every.items()}
        drawn |= {f"{name}.svg": canvas.svg(figure) for name, figure in every.items()}
    write_all(folder, drawn)
    return [folder / name for name in drawn]


def _drawn(run: Run) -> dict[str, bytes]:
    """The page, and the picture that stands for all of it."""
    every = figures(run)
    return {REPORT: report(run, every), f"{FIRST}.png": canvas.png(every[FIRST])}


def _data(run: Run) -> dict[str, bytes]:
    contents = {
        "settings.json": formats.to_json(asdict(run.settings)),
        "receipt.json": formats.to_json(asdict(run.receipt)),
        "answers.csv": formats.to_csv(run.answers),
        "learning.csv": formats.to_csv(run.curves),
    }
    if len(run.sight):
        contents[f"{run.target}.csv"] = formats.to_csv(run.sight)
    told = {
        "ticker": run.ticker,
        "target": run.target,
        "forecaster": run.headline.forecaster,
        "horizon": run.headline.horizon,
        "verdict": run.verdict,
        "notes": run.notes,
        "findings": run.findings,
        "command": run.command,
        "versions": run.versions,
        "trials": run.trials,
        "scores": formats.rows(run.scores),
        "trading": formats.rows(run.trading),
        "pooled": formats.rows(run.pooled),
        "meanings": meanings(run.target, run.scores, run.trading, run.pooled),
    }
    every = contents | {SCORES: _said(told)}
    told["sha256"] = {name: digest(content) for name, content in every.items()}
    return contents | {SCORES: formats.to_json(told)}


def _said(told: Mapping[str, Any]) -> bytes:
    """All of the scores but the checksums, their own among them."""
    return formats.to_json({name: value for name, value in told.items() if name != "sha256"})


def _sight(contents: Mapping[str, bytes], target: str) -> pd.DataFrame:
    columns = SIGHTS.get(target, COLUMNS)
    if target not in SIGHTS:
        return pd.DataFrame(columns=list(columns))
    return formats.from_csv(contents[f"{target}.csv"], columns)


def digest(content: bytes) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _check_digests(folder: Path, contents: Mapping[str, bytes], told: Mapping[str, str]) -> None:
    for name, content in contents.items():
        if digest(content) != told.get(name):
            raise OutputError(
                f"{str(folder / name)!r} is not as it was written, or of another run; run forecast"
                " fit again"
            )


def _content(folder: Path, name: str) -> bytes:
    if Path(name).name != name:
        raise OutputError(f"{str(folder / SCORES)!r} names {name!r}, which is no file beside it")
    try:
        return read_whole(folder / name, MOST_BYTES)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise OutputError(
            f"{str(folder / name)!r} cannot be read: {reason}; run forecast fit first"
        ) from error


def _json(folder: Path, name: str) -> dict[str, Any]:
    try:
        told = formats.from_json(_content(folder, name))
    except ValueError as error:
        raise OutputError(f"{str(folder / name)!r} is not JSON: {error}") from error
    if not isinstance(told, dict):
        raise OutputError(f"{str(folder / name)!r} holds no result; run forecast fit again")
    return cast(dict[str, Any], told)
