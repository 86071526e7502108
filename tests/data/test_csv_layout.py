"""Bytes, lines, fields and names: read right, or refused in one line."""

import gzip
from pathlib import Path

import pytest

from forecast.source_settings import Csv
from tests.data.sheets import CLOSES, GOOD, HEADER, ROWS, days, read, refusal, with_close

SEED = (
    "# source: somewhere\n# Open,High,Low,Volume,Close\n828,833,828,124,831\n819,823,818,130,821\n"
)
REFUSED = {
    "1-empty": ("", ": is empty. Fix: export the prices again."),
    "1-blank": (" \n\n\r\n", ": is empty. Fix: export the prices again."),
    "1-empty-gzip": (gzip.compress(b""), ": is empty. Fix: export the prices again."),
    "2-header-only": (HEADER, ": has 0 rows below its header. Fix: export the prices again."),
    "8-no-dates": (
        SEED,
        ":2: no date column; the columns are 'Open', 'High', 'Low', 'Volume', 'Close'."
        " Fix: pass --no-dates and --newest-first or --oldest-first.",
    ),
    "9-comments-without-names": (
        "# source\n1,2,3,4\n2,3,4,5\n",
        ":2: the first line looks like data, not like names of columns. Fix: pass --columns with a"
        " name for each of the 4 fields, such as --columns Date,Close.",
    ),
    "19-thousands-unquoted": (
        with_close("1,234.5"),
        ":3: 7 fields, header has 6. Fix: join or quote the parted field, or remove the row.",
    ),
    "21-two-separators": (
        "2024-01-02;1,5\n2024-01-03;1,6\n",
        ":1: fields could be separated by ',', ';'. Fix: pass --sep ',' or --sep ';'.",
    ),
    "25-utf-16-be-without-mark": (
        GOOD.encode("utf-16-be"),
        ":1: a NUL character. Fix: remove it, or pass --encoding utf-16-be if the file is UTF-16.",
    ),
    "25-utf-16-without-mark": (
        GOOD.encode("utf-16-le"),
        ":1: a NUL character. Fix: remove it, or pass --encoding utf-16-le if the file is UTF-16.",
    ),
    "26-neither-utf-8-nor-korean": (
        GOOD.encode().replace(b"300", b"3\xff0"),
        ":4: not UTF-8 text after the first 119 bytes of the file."
        " Fix: pass --encoding, for example cp949, cp1252, shift_jis, gb18030 or big5.",
    ),
    "26-no-hangul": (
        b"Date,Close\r\n2024-01-02,1\r\n2024-01-03,\xa1\xc6\r\n",
        ":3: not UTF-8 text after the first 37 bytes of the file."
        " Fix: pass --encoding, for example cp949, cp1252, shift_jis, gb18030 or big5.",
    ),
    "26-japanese-as-korean": (
        GOOD.replace(HEADER, "日付け,始値,高値,安値,終値,出来高\n").encode("shift_jis"),
        ":1: not UTF-8 text after the first 0 bytes of the file. Fix: pass --encoding shift_jis.",
    ),
    "26-chinese": (
        GOOD.replace(HEADER, "日期,开盘,最高,最低,收盘,成交量\n").encode("gb18030"),
        ":1: not UTF-8 text after the first 0 bytes of the file. Fix: pass --encoding gb18030.",
    ),
    "26-german": (
        GOOD.replace(HEADER, "Datum,Eröffnung,Hoch,Tief,Schluss,Volumen\n").encode("cp1252"),
        ":1: not UTF-8 text after the first 8 bytes of the file. Fix: pass --encoding cp1252.",
    ),
    "39-a-line-in-quotes": (
        "".join(f'"{line}"\n' for line in GOOD.splitlines()),
        ":1: one field in quotes holds the whole line: 'Date,Open,High,Low,Close,Volume'."
        " Fix: remove the quotes around each line.",
    ),
    "9-nothing-but-comments": (
        HEADER + "#A,1\n#B,2\n",
        ": has 0 rows below its header; line 2: 2 lines of comment (#) left out from here on."
        " Fix: export the prices again.",
    ),
    "21-another-separator": (
        GOOD.replace(",", "^"),
        ":1: no column for the close; the columns are 'Date^Open^High^Low^Close^Volume'."
        " Fix: pass --sep with the sign between the fields.",
    ),
    "30-no-header": (
        "".join(ROWS),
        ":1: the first line looks like data, not like names of columns. Fix: pass --columns with a"
        " name for each of the 6 fields, such as --columns Date,Close.",
    ),
    "30-data-above-the-header": (
        ROWS[0] + HEADER + ROWS[1],
        ":1: '2024-01-02,10,11,9,10.5,100' looks like data, above the names on line 2."
        " Fix: move or remove the row.",
    ),
    "37-plain-error-page": (
        "Too Many Requests\r\n",
        ": holds no table; its first line is 'Too Many Requests'. Fix: export the prices again.",
    ),
    "37-numpy": (b"\x93NUMPY\x01\0", ": is a NumPy array, not CSV. Fix: export the prices as CSV."),
    "37-rar": (b"Rar!\x1a\x07", ": is a rar archive, not CSV. Fix: export the prices as CSV."),
    "37-rtf": (b"{\\rtf1 Date", ": is RTF, not CSV. Fix: export the prices as CSV."),
    "37-git-lfs": (
        "version https://git-lfs.github.com/spec/v1\n",
        ": is a pointer of Git LFS, not CSV. Fix: export the prices as CSV.",
    ),
    "37-old-pickle": (b"\x80\x02}q", ": is a pickle, not CSV. Fix: export the prices as CSV."),
    "37-tar": (
        b"prices.csv".ljust(257, b"\0") + b"ustar  \0",
        ": is a tar archive, not CSV. Fix: export the prices as CSV.",
    ),
    "37-program": (b"\x7fELF\2\1", ": is a program, not CSV. Fix: export the prices as CSV."),
    "32-more-fields": (
        GOOD + "2024-01-05,1,2,3,4,5,6,7\n",
        ":5: 8 fields, header has 6. Fix: join or quote the parted field, or remove the row.",
    ),
    "33-fewer-fields": (
        HEADER + ROWS[0] + "2024-01-03\n" + ROWS[2],
        ":3: 1 field, header has 6. Fix: join or quote the parted field, or remove the row.",
    ),
    "36-footer": (
        GOOD + "Data provided by X\n",
        ":5: 'Data provided by X' looks like a footer. Fix: remove it or pass --skip-footer.",
    ),
    "36-padded-footer": (
        GOOD + "Data provided by X,,,,,\n",
        ":5: 'Data provided by X' looks like a footer. Fix: remove it or pass --skip-footer.",
    ),
    "36-footer-with-a-date": (
        GOOD + "Data by X,2024-01-05\n",
        ":5: 'Data by X 2024-01-05' looks like a footer. Fix: remove it or pass --skip-footer.",
    ),
    "38-nul-in-korean": (
        GOOD.replace("Date", "날짜").replace("300", "3\0").encode("cp949"),
        ":1: not UTF-8 text after the first 0 bytes of the file. Fix: pass --encoding cp949.",
    ),
    "37-piece-of-html": (
        "<h1>503</h1>\n<p>no, server</p>",
        ": is HTML, not CSV. Fix: export the prices as CSV.",
    ),
    "25-utf-16-in-korean-without-mark": (
        "날짜,종가\n2024-01-02,1\n".encode("utf-16-le"),
        ":1: not UTF-8 text after the first 0 bytes of the file. Fix: pass --encoding utf-16-le.",
    ),
    "37-html": ("\n<!DOCTYPE html>", ": is HTML, not CSV. Fix: export the prices as CSV."),
    "37-html-utf-16": (
        "<html></html>".encode("utf-16"),
        ": is HTML, not CSV. Fix: export the prices as CSV.",
    ),
    "37-json": ('{"Close": [1]}', ": is JSON, not CSV. Fix: export the prices as CSV."),
    "37-png": (b"\x89PNG\r\n", ": is a PNG picture, not CSV. Fix: export the prices as CSV."),
    "37-zip": (b"PK\x03\x04a.csv", ": is a zip archive, not CSV. Fix: export the prices as CSV."),
    "37-xlsx": (b"PK\x03\x04xl/a", ": is Excel, not CSV. Fix: export the prices as CSV."),
    "37-xls": (b"\xd0\xcf\x11\xe0", ": is Excel, not CSV. Fix: export the prices as CSV."),
    "37-gzip-twice": (
        gzip.compress(gzip.compress(GOOD.encode())),
        ": is gzip within gzip, not CSV. Fix: export the prices as CSV.",
    ),
    "37-gzip-cut": (
        gzip.compress(GOOD.encode())[:-9],
        ": gzip is damaged: Compressed file ended before the end-of-stream marker was reached."
        " Fix: download it again.",
    ),
    "38-nul": (
        with_close("1\0"),
        ":3: a NUL character. Fix: remove it, or pass --encoding utf-16-le if the file is UTF-16.",
    ),
    "39-open-quote": (
        with_close('"11'),
        ":3: a quote that opens here is never closed. Fix: close the quote.",
    ),
    "39-a-row-between-quotes": (
        'Date,Note,Close\n2024-01-02,"a,1\n2024-01-03,b",2\n2024-01-04,c,3\n',
        ":2: a quote that opens here goes on over a row, '2024-01-03,b'. Fix: close the quote.",
    ),
    "39-rows-between-quotes": (
        'Date,Close,Note\n2024-01-02,1,"a\n2024-01-03,2,b\n2024-01-04,3,c"\n2024-01-05,4,d\n',
        ":2: a quote that opens here goes on over a row, '2024-01-03,2,b'. Fix: close the quote.",
    ),
    "39-text-after-quote": (
        with_close('"11"x'),
        ':3: text after a closing quote. Fix: write a quote within a field as "".',
    ),
    "40-long-field": (
        with_close("1" * 140_000),
        ":3: a field of more than 128 KiB begins here; a quote may be left open."
        " Fix: close the quote or shorten the field.",
    ),
    "40-long-line": (
        with_close("1," * 600_000),
        ":3: 1200029 characters in one line. Fix: export it again.",
    ),
    "40-many-columns": (
        HEADER.strip() + ",a" * 1000 + "\n" + "2024-01-02" + ",1" * 1005,
        ":1: 1006 columns, more than 1000. Fix: keep the columns of prices.",
    ),
}

ASKED = {
    "9-columns-miscounted": (
        "1,2\n",
        Csv(columns="Date,Open,Close"),
        ":1: 2 fields, header has 3. Fix: join or quote the parted field, or remove the row.",
    ),
    "9-columns-replace-too-few": (
        GOOD,
        Csv(columns="Date,Close"),
        ":1: 6 columns; --columns names 2. Fix: name every column.",
    ),
    "26-wrong-encoding": (
        "Date,Close\nü,1\n",
        Csv(encoding="ascii"),
        ":2: not ascii text after the first 11 bytes of the file."
        " Fix: pass --encoding, for example cp949, cp1252, shift_jis, gb18030 or big5.",
    ),
    "54-strict": (
        GOOD.replace("10.5,11.5,10,11", "10.5,9.5,10,11"),
        Csv(strict=True),
        ":3: high is below low in 1 session, first on 2024-01-03."
        " Fix: correct the rows or leave --strict out.",
    ),
}


@pytest.mark.parametrize("row", REFUSED)
def test_a_malformed_file_gets_one_line(row: str, tmp_path: Path) -> None:
    content, expected = REFUSED[row]
    assert refusal(tmp_path, content) == expected


@pytest.mark.parametrize("row", ASKED)
def test_a_choice_that_does_not_fit_the_file_gets_one_line(row: str, tmp_path: Path) -> None:
    content, how, expected = ASKED[row]
    assert refusal(tmp_path, content, how) == expected


@pytest.mark.parametrize("mark", [b"\n", b"\r\n", b"\r"])
def test_lines_are_counted_whatever_ends_them(mark: bytes, tmp_path: Path) -> None:
    content = 'Date,Note,Close\n# odd " comment\n\n2024-01-02,"two\nlines",1\n2024-01-03,,x\n'
    message = refusal(tmp_path, content.encode().replace(b"\n", mark))
    assert message.startswith(":6: column 'Close': 'x' is not a number.")


READ = {
    "9-asked-names": "".join(ROWS),
    "21-semicolon": GOOD.replace(",", ";"),
    "21-tab": GOOD.replace(",", "\t"),
    "21-bar": GOOD.replace(",", "|"),
    "21-first-line-says": "sep=;\n" + GOOD.replace(",", ";"),
    "23-mark": GOOD.encode("utf-8-sig"),
    "24-crlf": GOOD.replace("\n", "\r\n"),
    "24-cr": GOOD.replace("\n", "\r"),
    "24-no-last-newline": GOOD.strip(),
    "25-utf-16-le": b"\xff\xfe" + GOOD.encode("utf-16-le"),
    "25-utf-16-be": b"\xfe\xff" + GOOD.encode("utf-16-be"),
    "25-utf-32": GOOD.encode("utf-32"),
    "34-comma-after-data": HEADER + "".join(row[:-1] + ",\n" for row in ROWS),
    "35-comma-everywhere": GOOD.replace("\n", ",\n"),
    "35-comma-after-header": GOOD.replace("Volume", "Volume,"),
    "37-gzip": gzip.compress(GOOD.encode()),
    "40-blank-rows": GOOD.replace("2024-01-03", ",,,,,\n\n2024-01-03"),
}


@pytest.mark.parametrize("row", READ)
def test_a_usual_export_is_read(row: str, tmp_path: Path) -> None:
    names = "Date,Open,High,Low,Close,Volume" if row == "9-asked-names" else ""
    prices = read(tmp_path, READ[row], Csv(columns=names))
    assert list(prices.table.columns) == ["open", "high", "low", "close", "volume"]
    assert prices.table["close"].tolist() == CLOSES
    assert prices.table["volume"].tolist() == [100, 200, 300]


def test_names_in_a_comment_name_the_columns(tmp_path: Path) -> None:
    prices = read(tmp_path, SEED, Csv(no_dates=True, newest_first=True))
    assert prices.table["close"].tolist() == [821, 831]
    assert prices.table["open"].tolist() == [819, 828]
    assert days(prices) == ["1900-01-01", "1900-01-02"]
    assert prices.receipt.notes == (
        "Names of columns were taken from the comment on line 2.",
        "Rows have no dates; they stand on weekdays from 1900-01-01 on.",
        "Rows were newest first; turned round.",
    )


def test_many_undated_rows_end_in_years_that_are_read(tmp_path: Path) -> None:
    prices = read(tmp_path, "close\n" + "1.5\n" * 50_000, Csv(no_dates=True, oldest_first=True))
    assert len(prices.table) == 50_000


def test_undated_rows_stay_in_the_order_that_was_said(tmp_path: Path) -> None:
    prices = read(tmp_path, SEED, Csv(no_dates=True, oldest_first=True))
    assert prices.table["close"].tolist() == [831, 821]


def test_asked_names_replace_those_of_the_file(tmp_path: Path) -> None:
    how = Csv(columns="day,close,high,low,open,volume")
    prices = read(tmp_path, GOOD, how)
    assert prices.table["close"].tolist() == [10, 10.5, 11]
    assert prices.receipt.notes[0] == "Line 1: names replaced by those of --columns."


def test_a_korean_file_that_is_not_utf_8_is_read_and_said_to_be(tmp_path: Path) -> None:
    content = GOOD.replace(HEADER, "일자,시가,고가,저가,종가,거래량\n").encode("cp949")
    prices = read(tmp_path, content)
    assert prices.table["close"].tolist() == CLOSES
    assert prices.receipt.notes == ("Read as cp949 (Korean): the file is not UTF-8.",)


def test_the_encoding_asked_for_is_used(tmp_path: Path) -> None:
    content = GOOD.replace(HEADER, "日付け,始値,高値,安値,終値,出来高\n").encode("shift_jis")
    assert read(tmp_path, content, Csv(encoding="shift_jis")).table["close"].tolist() == CLOSES


def test_the_separator_asked_for_is_used(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD.replace(",", ":"), Csv(sep=":")).table["close"].tolist() == CLOSES
    assert read(tmp_path, GOOD.replace(",", "\t"), Csv(sep="tab")).table["close"].tolist() == CLOSES


def test_lines_above_the_header_are_left_out_and_said_to_be(tmp_path: Path) -> None:
    prices = read(tmp_path, f"Historical prices\n\n{GOOD}")
    assert prices.table["close"].tolist() == CLOSES
    assert prices.receipt.notes == (
        "Lines before line 3 were left out: they come before the header.",
    )


def test_a_block_of_facts_above_the_header_is_left_out(tmp_path: Path) -> None:
    block = "Security,A,,,,\nStart Date,1/2/2024,,,,\nCurrency,USD,,,,\n"
    assert read(tmp_path, block + GOOD).table["close"].tolist() == CLOSES


def test_comments_between_rows_are_left_out_and_said_to_be(tmp_path: Path) -> None:
    prices = read(tmp_path, HEADER + ROWS[0] + "# a split\n" + "".join(ROWS[1:]))
    assert prices.table["close"].tolist() == CLOSES
    assert prices.receipt.notes == ("Line 3: 1 line of comment (#) left out from here on.",)


def test_a_footer_is_left_out_when_asked(tmp_path: Path) -> None:
    footer = "\nData provided by X\nand, by Y\n"
    prices = read(tmp_path, GOOD + footer, Csv(skip_footer=True))
    assert prices.table["close"].tolist() == CLOSES
    assert prices.receipt.notes == ("Line 6: 2 lines of footer left out.",)
