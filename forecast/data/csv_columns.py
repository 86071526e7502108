"""Which column is which: by its name alone, through one table of the names that exports use."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from forecast.data.csv_faults import Fault, listed, printable, refusal, shown
from forecast.settings import Csv

PRICES = ("open", "high", "low", "close")
NUMBERS = (*PRICES, "volume", "adj_close")

# Strongest name first: where several columns could be the date or the symbol, the first one is.
# English, then Korean, German, French, Japanese, Chinese, and Polish, Spanish, Italian, Portuguese.
ALIASES: Mapping[str, str] = {
    "date": """date ds datetime tradedate tradingdate sessiondate day 날짜 일자 년월일 거래일
        거래일자 기준일 datum jour 日付 日付け 年月日 日期 交易日期 data fecha timestamp time
        unix unixtime epoch t""",
    "open": """open openprice openingprice opn o 시가 eroffnung eroffn erster ouverture ouv 始値
        开盘 开盘价 開盤 開盤價 otwarcie apertura abertura""",
    "high": """high highprice highest h 고가 hoch tageshoch plushaut haut 高値 高 最高 最高价 最高價
        najwyzszy maximo maxima massimo""",
    "low": """low lowprice lowest l 저가 tief tagestief plusbas bas 安値 低 最低 最低价 最低價
        najnizszy minimo minima""",
    "close": """close closelast closeprice closingprice price last lastprice c 종가 schluss
        schlusskurs zuletzt cloture dernier 終値 收盘 收盘价 收盤 收盤價 zamkniecie cierre ultimo
        chiusura fechamento""",
    "volume": """volume vol v totalvolume sharevolume 거래량 volumen 出来高 成交量 交易量
        wolumen""",
    "adj_close": """adjclose adjustedclose adjcloseprice closeadj closeadjusted adjustedprice
        수정종가 調整後終値""",
    "symbol": "symbol ticker tic 종목코드 종목명 symbole コード 股票代码 代码 code name",
    "time": "time 시간",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """The place of each role's column in the file, and the places of the further columns.

    `adjusted` says that the file has adjusted closes.
    """

    roles: Mapping[str, int]
    others: tuple[int, ...]
    adjusted: bool
    notes: tuple[str, ...]


def key(name: str) -> str:
    """A column's name without case, accents, spaces and signs.

    >>> key("<Adj Close>"), key("Eröffn."), key("종가")
    ('adjclose', 'eroffn', '종가')
    """
    letters = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(each for each in letters if each.isalnum())
    return unicodedata.normalize("NFC", bare)


ORDER: Mapping[str, tuple[str, ...]] = {
    role: tuple(map(key, aliases.split())) for role, aliases in ALIASES.items()
}
KNOWN = frozenset(name for aliases in ORDER.values() for name in aliases)


def known(names: Sequence[str]) -> int:
    """How many of the names are in the table."""
    return sum(key(name) in KNOWN for name in names)


def is_date(name: str) -> bool:
    """Whether the name is one that exports give to their dates."""
    return key(name) in ORDER["date"]


def find_columns(names: Sequence[str], how: Csv, place: str, line: int) -> Columns:
    """Which column is which.

    Raises:
        DataError: a name comes twice, no column or several could be the close or another price.
    """
    candidates = {role: _candidates(names, role) for role in ORDER}
    candidates["time"] = [i for i in candidates["time"] if i not in candidates["date"][:1]]
    if fault := _twins(names, line):
        raise refusal(place, [fault])
    if how.target:
        candidates = _targeted(candidates, _place_of(how.target, names, place, line))
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
    spare = [i for role in ("date", "symbol") for i in candidates[role][1:]]
    others = [i for i in range(len(names)) if i not in {*roles.values(), *unadjusted, *spare}]
    notes = [f"column {shown(names[i])} was left out: it is not adjusted" for i in unadjusted]
    notes += [f"column {shown(names[i])} was left out: another is read instead" for i in spare]
    notes += [f"field {i + 1} has no name and was left out" for i in others if not names[i]]
    return Columns(roles, tuple(i for i in others if names[i]), adjusted, tuple(notes))


def covariate(name: str) -> str:
    """The name of a further column in our table.

    >>> covariate("Dividend Amount")
    'dividend_amount'
    """
    return printable("_".join(name.casefold().split()))[:80]


def _candidates(names: Sequence[str], role: str) -> list[int]:
    found = [i for i, name in enumerate(names) if key(name) in ORDER[role]]
    return sorted(found, key=lambda i: ORDER[role].index(key(names[i])))


def _twins(names: Sequence[str], line: int) -> Fault | None:
    seen = dict[str, int]()
    for i, name in enumerate(names):
        plain = " ".join(name.casefold().split())
        if plain and plain in seen:
            where = f"fields {seen[plain] + 1} and {i + 1}"
            return Fault(line, f"column {shown(name)} comes twice ({where})", "rename one of them")
        seen[plain] = i
    return None


def _place_of(target: str, names: Sequence[str], place: str, line: int) -> int:
    same = [i for i, name in enumerate(names) if name == target.strip()]
    alike = [i for i, name in enumerate(names) if key(name) == key(target)]
    if same or alike:
        return (same or alike)[0]
    nearest = _nearest(names, target) or printable(names[-1])[:40]
    sentence = f"no column {shown(target)}; the columns are {listed(names)}"
    raise refusal(place, [Fault(line, sentence, f"pass --target {nearest}")])


def _targeted(candidates: Mapping[str, list[int]], chosen: int) -> dict[str, list[int]]:
    """The candidates once the user has said which column is the close."""
    if chosen in candidates["adj_close"] and len(candidates["close"]) < 2:
        return dict(candidates)
    others = {role: [i for i in places if i != chosen] for role, places in candidates.items()}
    return {**others, "close": [chosen]}


def _no_close(names: Sequence[str], line: int) -> Fault:
    sentence = f"no column for the close; the columns are {listed(names)}"
    if nearest := _nearest(names, "close"):
        return Fault(line, f"{sentence}; {shown(nearest)} is nearest", f"pass --target {nearest}")
    return Fault(line, sentence, "pass --target with the column to forecast")


def _nearest(names: Sequence[str], wanted: str) -> str | None:
    by_key = {key(name): name for name in names}
    nearest = get_close_matches(key(wanted), list(by_key), n=1)
    return printable(by_key[nearest[0]])[:40] if nearest else None


def _several(role: str, names: Sequence[str], line: int) -> Fault:
    fix = f"pass --target {printable(names[0])[:40]}" if role == "close" else "rename one of them"
    return Fault(line, f"several columns could be the {role}: {listed(names)}", fix)
