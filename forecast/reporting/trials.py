"""Every configuration ever tried on a ticker, counted in its result folder.

The best of many tries looks good by luck alone, so the number of tries enters what may be claimed.
One configuration is one model with all settings that can move its forecasts or its test; the same
one counts once, however often it is run.

The count is written together with the result, and into its dated folder as well. So a run that was
killed before it wrote anything is not counted, and one whose dated folder is complete is.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from forecast.data.files import alone, prepare, read_whole, write_whole
from forecast.errors import OutputError
from forecast.forecasters.catalogue import BASELINES
from forecast.reporting import formats
from forecast.reporting.history import MOST_BYTES, RUNS
from forecast.settings import Settings

TRIALS = "trials.json"
# These change no forecast: which others are shown, where it is computed, what trading costs.
WITHOUT_EFFECT = ("models", "compute", "trading")


@dataclass(frozen=True, slots=True)
class Tried:
    """What was tried on a ticker, this run included.

    `earlier_claims` were made by the other configurations, one for each session ahead.
    """

    configurations: int
    earlier_claims: int


def add(folder: Path, every: Iterable[Settings]) -> int:
    """Count these configurations in a ticker's result folder, and return how many it now has.

    Raises:
        OutputError: the record cannot be read or written.
    """
    prepare(folder)
    with alone(folder):
        record = counted(folder, every)
        write_whole(folder / TRIALS, record)
    return len(formats.from_json(record))


def counted(folder: Path, every: Iterable[Settings]) -> bytes:
    """The record of a ticker's result folder with these configurations in it.

    Raises:
        OutputError: the record cannot be read.
    """
    known = _read(folder)
    new = {key: trial for each in every for key, trial in _trials(each).items() if key not in known}
    return formats.to_json(known | new)


def tried(folder: Path | None, settings: Settings) -> Tried:
    """What counts as tried for a run with these settings; without a folder, only itself.

    Raises:
        OutputError: the record cannot be read.
    """
    mine, known = _trials(settings), _read(folder) if folder else {}
    others = [trial for key, trial in known.items() if key not in mine]
    return Tried(len(others) + len(mine), sum(int(trial["claims"]) for trial in others))


def _trials(settings: Settings) -> dict[str, Mapping[str, Any]]:
    """Each model that makes a claim, with what was chosen for it, by the hash of both.

    Only what differs from the defaults is hashed, so that a setting added in a later version does
    not make a new configuration of an old one.
    """
    usual = asdict(Settings())
    chosen = {
        f"{record}.{name}": value
        for record, values in asdict(settings).items()
        if record not in WITHOUT_EFFECT
        for name, value in values.items()
        if value != usual[record][name]
    }
    claims = settings.walk_forward.horizon
    trials = [
        {"model": model, "claims": claims, "chosen": chosen}
        for model in settings.models
        if model not in BASELINES
    ]
    return {hashlib.sha256(formats.to_json(each)).hexdigest()[:16]: each for each in trials}


def _read(folder: Path) -> dict[str, Mapping[str, Any]]:
    """The record of the newest run's folder merged with the ticker's own: usually the same."""
    newest = sorted(folder.glob(f"{RUNS}/*/{TRIALS}"))[-1:]
    return {key: each for path in (*newest, folder / TRIALS) for key, each in _told(path).items()}


def _told(path: Path) -> dict[str, Mapping[str, Any]]:
    try:
        told = formats.from_json(read_whole(path, MOST_BYTES))
        return {str(key): {**trial, "claims": int(trial["claims"])} for key, trial in told.items()}
    except FileNotFoundError:
        return {}
    except formats.UNREADABLE as error:
        raise OutputError(
            f"{str(path)!r} does not tell what was tried ({type(error).__name__}: {error}); restore"
            " it, or remove it to count anew"
        ) from error
