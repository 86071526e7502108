"""Which column is which: by its name, never by its place; dates by their looks, too."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from forecast.data.csv.names import ALIASES, KNOWN, is_date, key
from forecast.data.faults import Fault, argument, listed, refusal, shown
from forecast.errors import printable
from forecast.source_settings import Csv

PRICES = ("open", "high", "low", "close")
NUMBERS = (*PRICES, "volume", "adj_close")
NUMBERED = frozenset(name for role in NUMBERS for name in ALIASES[role])
_NO_NAME = re.compile("Unnamed: [0-9]+")  # what pandas calls it


@dataclass(frozen=True, slots=True)
class Columns:
    """The place of each role's column in the file, and the places of the further columns.

    `adjusted` says that the file has adjusted closes.
    """

    roles: Mapping[str, int]
    others: tuple[int, ...]
    adjusted: bool
    notes: tuple[str, ...]


def find_columns(
    names: Sequence[str], how: Csv, place: str, line: int, dates: int | None = None
) -> Columns:
    """Which column is which; `dates` is the place of the one that looks like dates.

    Raises:
        DataError: a name comes twice, no column or several could be the close or another price, or
            the dates stand below the name of a price.
    """
    candidates = {role: _candidates(names, role) for role in ALIASES}
    if dates is not None:
        if key(names[dates]) in NUMBERED:
            raise refusal(place, [_shifted(names[dates], dates, line)])
        candidates = {**_without(candidates, dates), "date": [dates]}
    candidates["time"] = [i for i in candidates["time"] if i not in candidates["date"][:1]]
    if fault := _twins(names, line):
        raise refusal(place, [fault])
    if how.close_column:
        candidates = _targeted(candidates, _place_of(how.close_column, names, place, line))
    faults = [
        _several(role, [names[i] for i in candidates[role]], line)
        for role in NUMBERS
        if len(candidates[role]) > 1
    ]
    if not candidates["close"] and not candidates["adj_close"]:
        faults.insert(0, _no_close(names, line))
    if faults:
        raise refusal(place, faults)
    return _columns(names, candidates)


def _columns(names: Sequence[str], candidates: Mapping[str, list[int]]) -> Columns:
    roles = {role: places[0] for role, places in candidates.items() if places}
    adjusted, unadjusted = "adj_close" in roles, list[int]()
    if "close" not in roles:
        # Without a close there is no factor that would adjust the other three prices.
        roles["close"] = roles.pop("adj_close")
        unadjusted = [roles.pop(role) for role in PRICES[:3] if role in roles]
    spare = sorted({*candidates["date"], *candidates["symbol"]} - {*roles.values()})
    others = [i for i in range(len(names)) if i not in {*roles.values(), *unadjusted, *spare}]
    notes = [f"column {shown(names[i])} was left out: it is not adjusted" for i in unadjusted]
    dates = [i for i in candidates["date"][:1] if not is_date(names[i])]
    notes += [f"field {i + 1}, {shown(names[i])}, was read as the dates" for i in dates]
    notes += [f"column {shown(names[i])} was left out: another is read instead" for i in spare]
    nameless = [i for i in others if not names[i] or _NO_NAME.fullmatch(names[i])]
    notes += [f"field {i + 1} has no name and was left out" for i in nameless]
    others = tuple(i for i in others if i not in nameless)
    return Columns(roles, others, adjusted, tuple(notes))


def covariate(name: str) -> str:
    """The name of a further column in our table.

    >>> covariate("Dividend Amount")
    'dividend_amount'
    """
    return printable("_".join(name.casefold().split()))[:80]


def _candidates(names: Sequence[str], role: str) -> list[int]:
    found = [i for i, name in enumerate(names) if key(name) in ALIASES[role]]
    return sorted(found, key=lambda i: ALIASES[role].index(key(names[i])))


def _twins(names: Sequence[str], line: int) -> Fault | None:
    seen = dict[str, int]()
    for i, name in enumerate(names):
        plain = " ".join(name.casefold().split())
        if plain and plain in seen:
            where = f"fields {seen[plain] + 1} and {i + 1}"
            return Fault(line, f"column {shown(name)} comes twice ({where})", "rename one of them")
        seen[plain] = i
    return None


def _shifted(name: str, at: int, line: int) -> Fault:
    """A name of numbers above dates: all names stand one field too far to the left."""
    sentence = f"field {at + 1} holds dates and is named {shown(name)}; a name is missing before it"
    return Fault(line, sentence, "write Date before the names, as many names as a row has fields")


def _place_of(target: str, names: Sequence[str], place: str, line: int) -> int:
    same = [i for i, name in enumerate(names) if name == target.strip()]
    alike = [i for i, name in enumerate(names) if key(name) == key(target)]
    if same or alike:
        return (same or alike)[0]
    nearest = argument(_nearest(names, target) or _nearest(names, "close") or names[-1])
    sentence = f"no column {shown(target)}; the columns are {listed(names)}"
    raise refusal(place, [Fault(line, sentence, f"pass --close-column {nearest}")])


def _targeted(candidates: Mapping[str, list[int]], chosen: int) -> dict[str, list[int]]:
    """The candidates once the user has said which column is the close."""
    if chosen in candidates["adj_close"] and len(candidates["close"]) < 2:
        return dict(candidates)
    return {**_without(candidates, chosen), "close": [chosen]}


def _without(candidates: Mapping[str, list[int]], place: int) -> dict[str, list[int]]:
    return {role: [i for i in places if i != place] for role, places in candidates.items()}


def _no_close(names: Sequence[str], line: int) -> Fault:
    sentence = f"no column for the close; the columns are {listed(names)}"
    if len(names) == 1:
        return Fault(line, sentence, "pass --sep with the sign between the fields")
    unknown = [name for name in names if name and key(name) not in KNOWN]
    if nearest := _nearest(names, "close"):
        fix = f"pass --close-column {argument(nearest)}"
        return Fault(line, f"{sentence}; {shown(nearest)} is nearest", fix)
    chosen = argument(unknown[0]) if len(unknown) == 1 else "with the column to forecast"
    return Fault(line, sentence, f"pass --close-column {chosen}")


def _nearest(names: Sequence[str], wanted: str) -> str | None:
    by_key = {key(name): name for name in names}
    nearest = get_close_matches(key(wanted), list(by_key), n=1)
    return by_key[nearest[0]] if nearest else None


def _several(role: str, names: Sequence[str], line: int) -> Fault:
    fix = f"pass --close-column {argument(names[0])}" if role == "close" else "rename one of them"
    return Fault(line, f"several columns could be the {role}: {listed(names)}", fix)
