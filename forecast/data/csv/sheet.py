"""From records to a sheet: as many cells below each name, without footers, of one symbol."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from forecast.data.csv.dates import hold_dates
from forecast.data.csv.header import find_header, is_data
from forecast.data.csv.names import is_date, known
from forecast.data.csv.rows import Records
from forecast.data.faults import Fault, argument, count, listed, refusal, shown
from forecast.errors import DataError
from forecast.source_settings import Csv

MOST_COLUMNS = 1000


@dataclass(frozen=True, slots=True)
class Sheet:
    """Names, and the cells below each; `header` is the line of the names, `lines` of the rows.

    `symbol` is the one that the header names, or empty.
    """

    place: str
    header: int
    names: list[str]
    lines: list[int]
    columns: list[list[str]]
    notes: tuple[str, ...]
    symbol: str = ""

    def rows(self, kept: Sequence[int]) -> "Sheet":
        """The sheet with these rows only."""
        columns = [[column[i] for i in kept] for column in self.columns]
        return replace(self, lines=[self.lines[i] for i in kept], columns=columns)


def read_sheet(records: Records, sep: str, how: Csv, place: str) -> Sheet:
    """The sheet that the records make.

    Raises:
        DataError: no names, no rows, a row with more or fewer fields than names, or within a field,
            or a footer.
    """
    _check_quotes(records, sep, place)
    header = find_header(records, sep, how, place)
    if len(header.names) > MOST_COLUMNS:
        sentence = f"{len(header.names)} columns, more than {MOST_COLUMNS}"
        raise refusal(place, [Fault(header.line, sentence, "keep the columns of prices")])
    if len(header.names) == 1 and sep in header.names[0]:
        sentence = f"one field in quotes holds the whole line: {shown(header.names[0])}"
        raise refusal(place, [Fault(header.line, sentence, "remove the quotes around each line")])
    lines, rows = records.lines[header.start :], records.cells[header.start :]
    names, rows, trailing = _without_trailing(header.names, rows)
    lines, rows, footer = _without_footer(lines, rows, len(names), how, place)
    comments = _comments(records)
    if not rows:
        what = "has 0 rows below its header"
        if records.cells and not known(names):
            what = f"holds no table; its first line is {shown(sep.join(records.cells[0]))}"
        elif comments:
            what = f"{what}; {comments[0]}"
        raise DataError(f"{place}: {what}. Fix: export the prices again.")
    _check_widths(lines, rows, len(names), place)
    notes = (*header.notes, *trailing, *footer, *comments)
    columns = [list(column) for column in zip(*rows, strict=True)]
    sheet = Sheet(place, header.line, names, lines, columns, notes)
    return _with_one_symbol(sheet, header.symbols, how) if header.symbols else sheet


def find_dates(sheet: Sheet) -> int | None:
    """The place of the one column that holds dates, where no name says which it is."""
    if any(map(is_date, sheet.names)):
        return None
    dated = [i for i, cells in enumerate(sheet.columns) if hold_dates(cells)]
    return dated[0] if len(dated) == 1 else None


def choose_symbol(symbols: Sequence[str], how: Csv, place: str, line: int) -> str:
    """The one symbol to read.

    Raises:
        DataError: the file holds several and none was asked for, or not the one asked for.
    """
    found = list(dict.fromkeys(symbol for symbol in symbols if symbol))
    wanted = [each for each in found if each.casefold() == how.symbol.strip().casefold()]
    if wanted or (len(found) == 1 and not how.symbol):
        return (wanted or found)[0]
    verb = f"no symbol {shown(how.symbol)}; " if how.symbol else ""
    sentence = f"{verb}the file holds {count(len(found), 'symbol')}: {listed(found)}"
    raise refusal(place, [Fault(line, sentence, f"pass --symbol {argument(found[0])}")])


def _comments(records: Records) -> tuple[str, ...]:
    if not records.comments:
        return ()
    number = count(len(records.comments), "line")
    return (f"line {records.comments[0]}: {number} of comment (#) left out from here on",)


def _with_one_symbol(sheet: Sheet, symbols: Sequence[str], how: Csv) -> Sheet:
    symbol = choose_symbol(symbols[1:], how, sheet.place, sheet.header)
    kept = [0, *(i for i, each in enumerate(symbols) if i and each == symbol)]
    names, columns = [sheet.names[i] for i in kept], [sheet.columns[i] for i in kept]
    return replace(sheet, names=names, columns=columns, symbol=symbol)


def _without_trailing(
    names: list[str], rows: list[list[str]]
) -> tuple[list[str], list[list[str]], tuple[str, ...]]:
    """Names and rows of one width where all rows, or only the names, end with a separator."""
    width = len(names)
    if rows and all(len(row) == width + 1 and not row[-1] for row in rows):
        note = "every row ends with a separator, the header does not; the empty field was left out"
        return names, [row[:-1] for row in rows], (note,)
    if rows and not names[-1] and all(len(row) == width - 1 for row in rows):
        return names[:-1], rows, ()
    return names, rows, ()


def _without_footer(
    lines: list[int], rows: list[list[str]], width: int, how: Csv, place: str
) -> tuple[list[int], list[list[str]], tuple[str, ...]]:
    """The rows above the footer, which is text alone or a line of text of another width."""
    end = len(rows)
    while end and _is_text(rows[end - 1], width):
        end -= 1
    if end in (0, len(rows)):
        return lines, rows, ()
    if how.skip_footer:
        left_out = count(len(rows) - end, "line")
        return lines[:end], rows[:end], (f"line {lines[end]}: {left_out} of footer left out",)
    text = shown(" ".join(filter(None, rows[end])))
    fault = Fault(lines[end], f"{text} looks like a footer", "remove it or pass --skip-footer")
    raise refusal(place, [fault])


def _is_text(row: Sequence[str], width: int) -> bool:
    if len(row) != width and not is_data(row[0]):
        return True
    return not any(is_data(cell) for cell in row)


def _check_quotes(records: Records, sep: str, place: str) -> None:
    for at in records.long:
        if fault := swallows(records.lines[at], records.cells[at], sep):
            raise refusal(place, [fault])


def swallows(line: int, cells: Sequence[str], sep: str) -> Fault | None:
    """A quote too many, and another further down, which make one field of the rows between."""
    within = [line for cell in cells for line in cell.splitlines()[1:] if sep in line]
    row = next((each for each in within if any(map(is_data, each.split(sep)))), None)
    if row is None:
        return None
    sentence = f"a quote that opens here goes on over a row, {shown(row)}"
    return Fault(line, sentence, "close the quote")


def _check_widths(lines: list[int], rows: list[list[str]], width: int, place: str) -> None:
    both = zip(lines, rows, strict=True)
    if wrong := [wrong_width(line, len(row), width) for line, row in both if len(row) != width]:
        raise refusal(place, wrong)


def wrong_width(line: int, fields: int, width: int) -> Fault:
    """A row with more or fewer fields than there are names."""
    fix = "join or quote the parted field, or remove the row"
    return Fault(line, f"{count(fields, 'field')}, header has {width}", fix)
