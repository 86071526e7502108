"""The result folder of a learning of a text or of pairs: where it is kept, goes on and is found."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from forecast.data.corpus import Corpus
from forecast.data.pairs import Pairs
from forecast.data.tickers import folder_name
from forecast.reporting import lesson_folder
from forecast.reporting.lesson import Lesson
from forecast.text_settings import TextSettings
from forecast.training.checkpoint import RESUME, Checkpoint, content, load, located
from forecast.training.course import Snapshot
from forecast.training.followed import Learning
from forecast.training.snapshot import Place
from forecast.translation_settings import TranslatorSettings

Data = Corpus | Pairs
Choices = TextSettings | TranslatorSettings
# The folder of all such results, and what their data are called where learning can go on.
KINDS: dict[type, tuple[str, str]] = {Corpus: ("text", "corpus"), Pairs: ("translate", "pairs")}


def place_of(data: Data, out: Path | str) -> Path:
    """The result folder of a corpus, or of pairs."""
    room, _ = KINDS[type(data)]
    return Path(out) / room / folder_name(data.name)


def going_on(data: Data, settings: Choices, out: Path | str, *, resume: bool = True) -> Learning:
    """How to learn so that it can go on if it is cut short: the result folder keeps where it is.

    To `resume`, it starts where learning this corpus or these pairs with these settings stopped, if
    it did. Minutes and epochs may differ: they count from the very start.

    Raises:
        CheckpointError: what was kept is damaged, or of other data, or with other settings.
    """
    kept = _kept(data, settings, out)
    return Learning(keep=kept.keep, start=kept.found() if resume else None)


def write(data: Data, lesson: Lesson, model: Checkpoint, last: Snapshot, out: Path | str) -> Path:
    """Write what was learned into the result folder, keep where it can go on, return the folder.

    Of a learning that was asked to stop there is no page yet: drawing it takes longer than whoever
    asked will wait.

    Raises:
        OutputError: it cannot be written.
    """
    place = place_of(data, out)
    lesson_folder.write(place, lesson, datetime.now(UTC), content(model))
    if not lesson.stopped:  # else it is kept already
        _kept(data, lesson.settings, out).keep(last)
    return place


def saved(kind: type[Data], folder: Path | str | None, out: Path | str) -> Checkpoint:
    """The model in a result folder, or in a file; see `located`."""
    room, _ = KINDS[kind]
    return load(located(folder, Path(out) / room, f"forecast {room} fit"))


def _kept(data: Data, settings: Choices, out: Path | str) -> Place:
    """What learning that goes on must have in common with the one that stopped, and its place."""
    _, name = KINDS[type(data)]
    return Place(place_of(data, out) / RESUME, {name: data.sha256, "settings": asdict(settings)})
