"""From a CSV file to prices: read correctly, or refused in one line that says what to do.

The way: bytes -> text (`text`) -> records (`rows`) -> names and cells (`sheet`,
`columns`) -> numbers and dates (`numbers`, `dates`, `draft`) -> sessions, and what is
odd about them (`sessions`, `quality`, `finish`).
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

from forecast.data.csv.columns import Columns, find_columns
from forecast.data.csv.draft import make_draft
from forecast.data.csv.finish import prices_of
from forecast.data.csv.rows import find_separator, read_records
from forecast.data.csv.sheet import Sheet, choose_symbol, find_dates, read_sheet
from forecast.data.csv.text import read_text
from forecast.data.faults import Fault, refusal
from forecast.data.prices import Prices
from forecast.errors import printable
from forecast.source_settings import Csv


def read(
    path: Path | str,
    how: Csv = Csv(),
    *,
    ticker: str | None = None,
    today: date | None = None,
) -> Prices:
    """The prices in a CSV file, or in standard input for `-`.

    Unless given, `ticker` is the symbol asked for or the file's name, and `today`, after which
    sessions are odd, is the day by the machine's clock. What was guessed, left out or is odd is
    said in the receipt's notes, with line numbers.

    Raises:
        DataError: the file cannot be used as prices; the message names line, column and remedy.
    """
    place = printable(str(path)) or "''"
    text, notes = read_text(path, how.encoding)
    sep, text = find_separator(text, how.sep, place)
    sheet = read_sheet(read_records(text, sep, place), sep, how, place)
    dates = None if how.no_dates else find_dates(sheet)
    columns = find_columns(sheet.names, how, place, sheet.header, dates)
    draft = make_draft(_of_one_symbol(sheet, columns, how), columns, sep, how)
    draft = replace(draft, notes=(*notes, *draft.notes))
    ticker = ticker or printable(how.symbol) or _stem(path)
    return prices_of(draft, ticker, how, today or date.today())


def _of_one_symbol(sheet: Sheet, columns: Columns, how: Csv) -> Sheet:
    if "symbol" in columns.roles:
        symbols = sheet.columns[columns.roles["symbol"]]
        if any(symbols):
            symbol = choose_symbol(symbols, how, sheet.place, sheet.lines[0])
            if not how.symbol:
                return sheet
            return sheet.rows([i for i, each in enumerate(symbols) if each == symbol])
    if how.symbol and not sheet.symbol:
        fault = Fault(sheet.header, "no column of symbols", "leave --symbol out")
        raise refusal(sheet.place, [fault])
    return sheet


def _stem(path: Path | str) -> str:
    name = "stdin" if str(path) == "-" else Path(path).name
    return printable(name.removesuffix(".gz").rsplit(".", 1)[0] or name)
