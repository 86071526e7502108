"""Finding results: of a ticker in `GOOG`, of a text in `text/ship`, of pairs in `translate/kor`."""

from difflib import get_close_matches
from pathlib import Path

from forecast.data.tickers import folder_name
from forecast.errors import OutputError
from forecast.reporting.history import SCORES
from forecast.reporting.sealed import head

PRICES = "prices"


def every(out: Path) -> list[Path]:
    """All result folders in `out`, by name."""
    found = [place for pattern in (f"*/{SCORES}", f"*/*/{SCORES}") for place in out.glob(pattern)]
    return sorted(path.parent for path in found if path.is_file())


def found(named: str | None, out: Path) -> Path:
    """The result folder of a ticker or at a path; without a name, the newest in `out`.

    Raises:
        OutputError: there is none.
    """
    there = every(out)
    if named is None:
        if not there:
            raise OutputError(f"{str(out)!r} holds no result; run forecast fit first")
        return max(there, key=lambda place: (place / SCORES).stat().st_mtime)
    ticker = out / folder_name(named.upper())
    places = (Path(named), out / named, out / folder_name(named), ticker)
    folders = [place for place in places if place.is_dir()]
    if folders:
        return next((place for place in folders if (place / SCORES).exists()), folders[0])
    names = [place.relative_to(out).as_posix() for place in there]
    near = get_close_matches(named, names, 1) or get_close_matches(ticker.name, names, 1)
    hint = f"did you mean {near[0]!r}?" if near else "run forecast fit first"
    raise OutputError(f"{str(out)!r} holds no result of {named!r}; {hint}")


def kind(folder: Path) -> str:
    """What a result is about: `prices`, `text` or `translation`.

    Raises:
        OutputError: there is none.
    """
    return str(head(folder).get("kind", PRICES))
