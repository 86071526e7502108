"""The names that exports give to their columns, in one table, and how names are compared."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

# Strongest name first: where several columns could be the date or the symbol, the first one is.
# English, then Korean, German, French, Japanese, Chinese, Polish, Spanish, Italian, Portuguese and
# Russian; the longest are the headings of a table that is copied from Yahoo, with their hints.
_TABLE: Mapping[str, str] = {
    "date": """date dates ds datetime observationdate localtime gmttime tradedate tradingdate
        sessiondate day 날짜 일자 년월일 거래일 거래일자 기준일 datum jour 日付 日付け 年月日
        日期 交易日期 data fecha дата timestamp time opentime unix unixtime epoch t""",
    "open": """open openprice pxopen openingprice opn o 시가 eroffnung eroffn erster ouverture
        ouv 始値 开盘 开盘价 開盤 開盤價 otwarcie apertura abertura откр""",
    "high": """high highprice pxhigh highest h 고가 hoch tageshoch plushaut haut 高値 高 最高
        最高价 最高價 najwyzszy maximo maxima massimo макс""",
    "low": """low lowprice pxlow lowest l 저가 tief tagestief plusbas bas 安値 低 最低 最低价
        最低價 najnizszy minimo minima мин""",
    "close": """close pxlast closelast closeprice closingprice price last lastprice c y 종가
        현재가 schluss schlusskurs zuletzt cloture clot dernier 終値 收盘 收盘价 收盤 收盤價
        zamkniecie cierre ultimo chiusura fechamento цена
        closeclosepriceadjustedforsplits""",
    "volume": """volume pxvolume vol v totalvolume sharevolume 거래량 volumen 出来高 成交量
        交易量 wolumen объем""",
    "adj_close": """adjclose adjustedclose adjcloseprice closeadj closeadjusted adjustedprice
        adjustmentclose 수정종가 調整後終値 終値調整
        adjcloseadjustedclosepriceadjustedforsplitsanddividendandorcapitalgaindistributions""",
    "symbol": """symbol ticker tic uniqueid tscode ric isin instrument security stock asset
        stockcode tickersymbol 종목코드 종목명 symbole コード 銘柄コード 股票代码 证券代码 代码 code
        name""",
    "time": "time 시간",
}

_LISTED = re.compile(r"^[0-9]{1,2}[a-z]?\. ")  # "4. close", as Alpha Vantage has it


def key(name: str) -> str:
    """A column's name without case, accents, spaces, signs and its number in a list.

    >>> key("<Adj Close>"), key("Eröffn."), key("4. close")
    ('adjclose', 'eroffn', 'close')
    """
    letters = unicodedata.normalize("NFKD", _LISTED.sub("", name.casefold()))
    bare = "".join(each for each in letters if each.isalnum())
    return unicodedata.normalize("NFC", bare)


ALIASES: Mapping[str, tuple[str, ...]] = {
    role: tuple(map(key, aliases.split())) for role, aliases in _TABLE.items()
}
KNOWN = frozenset(name for aliases in ALIASES.values() for name in aliases)


def known(names: Sequence[str]) -> int:
    """How many of the names are in the table."""
    return sum(key(name) in KNOWN for name in names)


def is_date(name: str) -> bool:
    """Whether the name is one that exports give to their dates."""
    return key(name) in ALIASES["date"]
