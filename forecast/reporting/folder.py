"""A result folder: one run as files that can be read back, looked at and drawn again.

| file | holds |
|---|---|
| report.html | the page to read |
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

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path

import pandas as pd

from forecast.data.files import alone, prepare, write_all
from forecast.data.prices import Receipt
from forecast.errors import ForecastError, OutputError
from forecast.evaluation.answers import COLUMNS, KEYS, PRICES
from forecast.reporting import formats, lesson_folder, results, trials
from forecast.reporting.glossary import meanings
from forecast.reporting.history import REPORT, keep
from forecast.reporting.pages.report import report
from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.figures import DESCRIPTIONS, FIRST, figures, lesson_figures
from forecast.reporting.run import CURVES, Run
from forecast.reporting.sealed import sealed, unreadable, unsealed
from forecast.settings import Settings
from forecast.training.checkpoint import MODEL

ZOOM = "interactive.html"
CONVERTED = {"return": COLUMNS, "direction": (*KEYS, *PRICES)}
# What not every run writes.
NAMES = (
    *(MODEL, ZOOM),
    *(f"{name}.csv" for name in CONVERTED),
    *(f"{name}.{form}" for name in DESCRIPTIONS for form in ("png", "svg")),
)


def write(folder: Path, run: Run, when: datetime, model: bytes | None = None) -> Path:
    """Keep a run in a folder dated `when` (UTC), and show it in `folder` as the newest.

    Returns the dated folder. `model` is the content of the saved model. The run is counted among
    the configurations tried.

    Raises:
        OutputError: the folder cannot be written; each file in it is as it was.
    """
    prepare(folder)
    saved = {} if model is None else {MODEL: model}
    contents = _drawn(run) | saved | _data(run)
    with alone(folder):
        contents[trials.TRIALS] = trials.counted(folder, [run.settings])
        return keep(folder, contents, when, NAMES)


def read(folder: Path) -> Run:
    """The run that was written into `folder`.

    Raises:
        OutputError: a file is missing, damaged, or from another run than the rest.
    """
    about = results.kind(folder)
    if about != results.PRICES:
        raise OutputError(f"{str(folder)!r} is a result of {about}; one of prices is needed")
    told, contents = unsealed(folder)
    try:
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
            converted=_converted(contents, settings.target.target),
            trading=formats.table(told["trading"]),
            pooled=formats.table(told.get("pooled", [])),
            trials=told["trials"],
            notes=tuple(told["notes"]),
            findings=tuple(told["findings"]),
            command=told["command"],
            versions=told["versions"],
        )
    except (ForecastError, *formats.UNREADABLE) as error:
        raise unreadable(folder, error) from error


def redraw(folder: Path, *, pictures: bool = False) -> list[Path]:
    """Draw the page of any result folder again from its data, without learning anything.

    With `pictures`, each of them becomes a file of its own, too. Returns what was written.

    Raises:
        OutputError: the folder cannot be read or written.
    """
    if results.kind(folder) == results.PRICES:
        run = read(folder)
        drawn, every = _drawn(run), partial(figures, run)
    else:
        lesson = lesson_folder.read(folder)
        drawn, every = lesson_folder.drawn(lesson), partial(lesson_figures, lesson)
    prepare(folder)
    if pictures:
        for name, figure in every().items():
            drawn |= {f"{name}.png": canvas.png(figure), f"{name}.svg": canvas.svg(figure)}
    write_all(folder, drawn)
    return [folder / name for name in drawn]


def _drawn(run: Run) -> dict[str, bytes]:
    """The page, and the picture that stands for all of it."""
    first = figures(run, only=FIRST)[FIRST]
    page = report(run, first, figures(run, slim=True))
    return {REPORT: page, f"{FIRST}.png": canvas.png(first)}


def _data(run: Run) -> dict[str, bytes]:
    contents = {
        "settings.json": formats.to_json(asdict(run.settings)),
        "receipt.json": formats.to_json(asdict(run.receipt)),
        "answers.csv": formats.to_csv(run.answers),
        "learning.csv": formats.to_csv(run.curves),
    }
    if len(run.converted):
        contents[f"{run.target}.csv"] = formats.to_csv(run.converted)
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
    return sealed(told, contents)


def _converted(contents: Mapping[str, bytes], target: str) -> pd.DataFrame:
    columns = CONVERTED.get(target, COLUMNS)
    if target not in CONVERTED:
        return pd.DataFrame(columns=list(columns))
    return formats.from_csv(contents[f"{target}.csv"], columns)
