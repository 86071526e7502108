"""Where bytes from outside come in, and good ones of each kind to begin with.

A door reads bytes that lie in a folder; it gives what they hold, or one of our errors.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from forecast import text, translation
from forecast.data import cache as kept
from forecast.data import corpus, csv, known, pairs, panel
from forecast.errors import CheckpointError
from forecast.forecasters.recurrent import FittedRecurrent, Recurrent
from forecast.forecasters.recurrent import restore as restore_prices
from forecast.reporting import folder as folders
from forecast.reporting import trials
from forecast.reporting.history import SCORES
from forecast.reporting.sealed import digest
from forecast.settings import Network, Settings, Training
from forecast.settings_file import read as read_settings
from forecast.source_settings import Source
from forecast.texts.model import restore as restore_text
from forecast.training.checkpoint import Checkpoint, content, load
from forecast.translators.translator import restore as restore_translator
from tests.data.test_cache import quotes
from tests.made import table
from tests.reporting import made

WHEN = datetime(2026, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Door:
    """`good` makes bytes in a folder that the door takes; `read` reads a file there.

    `told` says that they are JSON, whose values are worth changing one by one.
    """

    what: str
    good: Callable[[Path], list[bytes]]
    read: Callable[[Path], object]
    file: str = "offered"
    told: bool = False


def _sheets(_: Path) -> list[bytes]:
    paths = sorted(known.samples().glob("*.csv"))
    return [
        b"Date,Open,High,Low,Close,Volume\n2024-01-02,1,2,0.5,1.5,10\n2024-01-03,1,2,0.5,1.5,9\n",
        b"Datum;Schluss\n02.01.2024;1,5\n03.01.2024;1,6\n",
        *(b"\n".join(path.read_bytes().split(b"\n")[:20]) for path in paths),
    ]


def _long_sheets(_: Path) -> list[bytes]:
    head, row = "symbol,date,close,volume\n", "{},2024-01-{:02d},{}.5,10\n"
    rows = [row.format(name, day, day) for name in "AB" for day in range(1, 20)]
    return [(head + "".join(rows)).encode()]


def _read_many(path: Path) -> object:
    return panel.load_panel([str(path)], Source(source="csv"))


def _choices(_: Path) -> list[bytes]:
    return [b'hidden = 3\nmodels = ["gru", "last"]\nlearning-rate = 1e-3\nwarm = true\n']


def _texts(_: Path) -> list[bytes]:
    return [b"if you want to build a ship, ", "배를 만들고 싶다면".encode("cp949")]


def _pairs(_: Path) -> list[bytes]:
    return ["I feel hungry.\t나는 배가 고프다.\nGo.\t가.\n".encode()]


@cache
def model_of_prices() -> FittedRecurrent:
    """A small network that has learned."""
    small = Recurrent(network=Network(hidden=2), training=Training(epochs=2))
    return small.fit_many([table(60)], 1)[0]


@cache
def _model_of_text() -> Checkpoint:
    how = text.TextTraining(epochs=1, window=5, batch=2)
    settings = text.TextSettings(network=text.TextNetwork(hidden=2), training=how)
    return text.fit(text.Corpus.of("hihello " * 9), settings).model.checkpoint()


@cache
def _translator() -> Checkpoint:
    settings = translation.TranslatorSettings(
        kind=translation.TranslatorKind(hidden=2, embedding=2),
        training=translation.TranslatorTraining(epochs=1),
    )
    return translation.fit(translation.read("korean"), settings).translator.checkpoint()


def _models(_: Path) -> list[bytes]:
    return [content(each) for each in (model_of_prices().checkpoint(), _model_of_text())]


def _of_prices(_: Path) -> list[bytes]:
    return [_told(model_of_prices().checkpoint())]


def _of_text(_: Path) -> list[bytes]:
    return [_told(_model_of_text())]


def _of_translator(_: Path) -> list[bytes]:
    return [_told(_translator())]


def _told(saved: Checkpoint) -> bytes:
    return json.dumps(dict(saved.about), ensure_ascii=False).encode()


def _redescribed(path: Path, saved: Checkpoint) -> Checkpoint:
    """These weights with what the file says of them: whole, checksum and all, but not ours."""
    try:
        about = json.loads(path.read_bytes())
        path.write_bytes(content(Checkpoint(saved.weights, about)))
    except (TypeError, ValueError, RecursionError) as error:
        raise CheckpointError("no description that can be written") from error
    return load(path)


def _result(folder: Path) -> list[bytes]:
    """The scores of a whole result, which then lies in the folder."""
    close = made.closes()
    answers = made.answers(close, count=3, forecasters=("lstm", "last"))
    run = made.run(answers=answers, curves=made.curves(answers), scores=made.scores(answers))
    if not (folder / SCORES).exists():
        folders.write(folder, run, WHEN, None)
    return [(folder / "scores.json").read_bytes()]


def _answers(folder: Path) -> list[bytes]:
    _result(folder)
    return [(folder / "answers.csv").read_bytes()]


def _read_answers(path: Path) -> object:
    """The result with these answers, which its scores say are its own."""
    told = json.loads((path.parent / SCORES).read_bytes())
    told["sha256"]["answers.csv"] = digest(path.read_bytes())
    (path.parent / SCORES).write_text(json.dumps(told))
    return folders.read(path.parent)


def _tried(folder: Path) -> list[bytes]:
    trials.add(folder, [Settings(), Settings(models=("gru",))])
    return [(folder / trials.TRIALS).read_bytes()]


def _cached(folder: Path) -> list[bytes]:
    kept.write(quotes("X", 5), folder)
    return [(folder / "prices.sqlite").read_bytes()]


def _read_cache(path: Path) -> object:
    for log in ("-wal", "-shm"):
        path.with_name(path.name + log).unlink(missing_ok=True)
    return kept.read("X", path.parent)


DOORS: dict[str, Door] = {
    "csv": Door("a CSV of prices", _sheets, csv.read),
    "panel": Door("a table of many tickers", _long_sheets, _read_many, "offered.csv"),
    "settings": Door("a file of settings", _choices, read_settings),
    "corpus": Door("a text", _texts, corpus.read),
    "pairs": Door("sentences and translations", _pairs, pairs.read),
    "model": Door("a saved model", _models, lambda path: restore_prices(load(path))),
    "network": Door(
        "the description of a network",
        _of_prices,
        lambda path: restore_prices(_redescribed(path, model_of_prices().checkpoint())),
        told=True,
    ),
    "text": Door(
        "the description of a model of text",
        _of_text,
        lambda path: restore_text(_redescribed(path, _model_of_text())),
        told=True,
    ),
    "translator": Door(
        "the description of a translator",
        _of_translator,
        lambda path: restore_translator(_redescribed(path, _translator())),
        told=True,
    ),
    "result": Door(
        "the scores of a result",
        _result,
        lambda path: folders.read(path.parent),
        SCORES,
        told=True,
    ),
    "answers": Door("the answers of a result", _answers, _read_answers, "answers.csv"),
    "trials": Door(
        "what was tried",
        _tried,
        lambda path: trials.tried(path.parent, Settings()),
        trials.TRIALS,
        told=True,
    ),
    "cache": Door("the cache of prices", _cached, _read_cache, "prices.sqlite"),
}
