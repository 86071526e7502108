"""From a CSV file to prices: read correctly, or refused in one line that says what to do.

The way: bytes -> text (`text`) -> records (`rows`) -> names and cells (`sheet`,
`columns`) -> numbers and dates (`numbers`, `dates`, `draft`) -> sessions
(`sessions`) -> what is odd about them (`quality`).
"""

from datetime import date
from pathlib import Path

from forecast.data import quality
from forecast.data.csv import sessions
from forecast.data.csv.columns import Columns, find_columns
from forecast.data.csv.draft import Draft, make_draft
from forecast.data.csv.faults import Fault, as_notes, refusal
from forecast.data.csv.rows import find_separator, read_records
from forecast.data.csv.sheet import Sheet, choose_symbol, find_dates, read_sheet
from forecast.data.csv.text import read_text
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
    draft = _sessions(draft, how)
    notes = (*notes, *draft.notes, *_warnings(draft, how, today or date.today()))
    return Prices.of(
        ticker or printable(how.symbol) or _stem(path),
        draft.table,
        source="csv",
        place=place,
        adjusted=columns.adjusted,
        notes=as_notes(notes),
    )


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


def _sessions(draft: Draft, how: Csv) -> Draft:
    draft = sessions.without_unfinished(sessions.in_order(draft, how))
    draft = sessions.without_twins(sessions.without_gaps(draft, how))
    return sessions.informative(sessions.adjusted(sessions.above_zero(draft)))


def _warnings(draft: Draft, how: Csv, today: date) -> tuple[str, ...]:
    """What is odd about the sessions, with the line of the first that is.

    Raises:
        DataError: something is, and the user wants that refused.
    """
    found = quality.findings(draft.table, today=None if how.no_dates else today)
    odd = [
        (int(draft.lines[draft.table.index.get_loc(each.date)]), each.clause)
        for each in found
        if each.severity == "warning"
    ]
    if odd and how.strict:
        fix = "correct the rows or leave --strict out"
        raise refusal(draft.place, [Fault(line, sentence, fix) for line, sentence in odd])
    return tuple(f"line {line}: {sentence}" for line, sentence in odd)


def _stem(path: Path | str) -> str:
    name = "stdin" if str(path) == "-" else Path(path).name
    return printable(name.removesuffix(".gz").rsplit(".", 1)[0] or name)
