import multiprocessing
import os
import signal
import sqlite3
import stat
import time as seconds
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

import pandas as pd
import pytest

from forecast.data import cache, known
from forecast.data.quotes import Quotes
from forecast.errors import OutputError, SettingError
from tests.data.yahoo_server import series

FETCHED = datetime(2024, 2, 12, 22, 0, 5, 123456, tzinfo=UTC)
SPAWN = multiprocessing.get_context("spawn")


def quotes(ticker: str = "X", rows: int = 30, seed: int = 0) -> Quotes:
    table = series(rows, seed=seed).rename(columns={"adjusted": "factor"})
    table["factor"] = 0.98
    table.index = table.index.as_unit("ns").rename("date")
    return Quotes(ticker, table, "America/New_York", time(16), FETCHED)


def change(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "prices.sqlite", isolation_level=None)
    connection.execute(statement)
    connection.close()


def test_what_is_written_is_read_bit_for_bit(tmp_path: Path) -> None:
    written = quotes()
    cache.write(written, tmp_path)
    kept = cache.read("x", tmp_path)
    assert kept is not None
    pd.testing.assert_frame_equal(kept.table, written.table, check_exact=True, check_freq=False)
    assert (kept.ticker, kept.zone, kept.closes) == ("X", "America/New_York", time(16))
    assert kept.fetched == FETCHED.replace(microsecond=0)


def test_nothing_is_kept_of_what_was_not_written(tmp_path: Path) -> None:
    cache.write(quotes("X"), tmp_path)
    assert cache.read("Y", tmp_path) is None


def test_asking_makes_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    assert cache.read("X", folder) is None
    assert cache.entries(folder) == []
    assert cache.clear("X", folder) == []
    assert not folder.exists()


def test_writing_again_replaces_every_row(tmp_path: Path) -> None:
    cache.write(quotes(rows=30, seed=1), tmp_path)
    written = replace(quotes(rows=30, seed=2), table=quotes(rows=30, seed=2).table.iloc[4:20])
    cache.write(written, tmp_path)
    kept = cache.read("X", tmp_path)
    assert kept is not None
    pd.testing.assert_frame_equal(kept.table, written.table, check_freq=False)


def test_a_row_keeps_the_time_since_when_it_is_as_it_is(tmp_path: Path) -> None:
    first = quotes(rows=30)
    cache.write(replace(first, table=first.table.iloc[:20]), tmp_path)
    later = first.table.copy()
    later.loc[later.index[3], "volume"] += 1
    cache.write(replace(first, table=later, fetched=FETCHED.replace(day=20)), tmp_path)
    with sqlite3.connect(tmp_path / "prices.sqlite") as connection:
        days = [row[0][8:10] for row in connection.execute("SELECT fetched FROM quote")]
    connection.close()
    assert days == ["12"] * 3 + ["20"] + ["12"] * 16 + ["20"] * 10


def test_entries_tell_what_is_kept(tmp_path: Path) -> None:
    for ticker, rows in {"MSFT": 30, "GOOG": 10}.items():
        cache.write(quotes(ticker, rows), tmp_path)
    assert cache.entries(tmp_path) == [
        cache.Entry("GOOG", 10, "2024-01-02", "2024-01-15", "2024-02-12T22:00:05+00:00"),
        cache.Entry("MSFT", 30, "2024-01-02", "2024-02-12", "2024-02-12T22:00:05+00:00"),
    ]


def test_clearing_forgets_one_or_all(tmp_path: Path) -> None:
    for ticker in ("A", "B", "C"):
        cache.write(quotes(ticker), tmp_path)
    assert cache.clear("b", tmp_path) == ["B"]
    assert [entry.ticker for entry in cache.entries(tmp_path)] == ["A", "C"]
    assert cache.clear(None, tmp_path) == ["A", "C"]
    assert cache.entries(tmp_path) == []
    assert cache.read("A", tmp_path) is None


def test_a_malformed_ticker_opens_nothing(tmp_path: Path) -> None:
    with pytest.raises(SettingError):
        cache.read("../x", tmp_path)
    with pytest.raises(SettingError):
        cache.clear("../x", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_place_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "here"))
    assert known.cache() == tmp_path / "here"
    cache.write(quotes())
    assert cache.read("X") is not None
    monkeypatch.delenv("FORECAST_CACHE")
    assert known.cache().name == "forecast"


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_new_folder_is_ours_alone(tmp_path: Path) -> None:
    cache.write(quotes(), tmp_path / "cache")
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


def _damage(path: Path, how: str) -> None:
    data = path.read_bytes()
    middle = len(data) // 2
    contents = {
        "cut short": data[: middle + 100],
        "overwritten": data[:200] + b"\xff" * (len(data) - 200),
        "text": b"Date,Open\n2024-01-02,1\n" * 50,
        "another program's": b"",
    }
    path.write_bytes(contents.get(how, data))
    if how == "another program's":
        change(path.parent, "CREATE TABLE other (x)")
    if how == "no letters":
        change(path.parent, "UPDATE entry SET sha256 = CAST(x'41ff0a42' AS TEXT)")
    if how == "a table less":
        change(path.parent, "DROP TABLE entry")
    if how == "newer":
        change(path.parent, "PRAGMA user_version = 99")


DAMAGES = ("cut short", "overwritten", "text", "another program's", "newer", "no letters")


@pytest.mark.parametrize("how", [*DAMAGES, "a table less"])
def test_a_damaged_file_is_set_aside_and_made_anew(tmp_path: Path, how: str) -> None:
    cache.write(quotes(rows=2000), tmp_path)
    _damage(tmp_path / "prices.sqlite", how)
    with pytest.raises(OutputError, match=r"^[^\n]*damaged .* prices will be fetched again"):
        cache.read("X", tmp_path)
    assert (tmp_path / "prices.sqlite.damaged").exists()
    assert cache.read("X", tmp_path) is None
    cache.write(quotes(), tmp_path)
    assert cache.read("X", tmp_path) is not None


def test_an_empty_file_is_filled(tmp_path: Path) -> None:
    (tmp_path / "prices.sqlite").touch()
    assert cache.read("X", tmp_path) is None
    cache.write(quotes(), tmp_path)
    assert cache.read("X", tmp_path) is not None


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE quote SET close = close + 0.01 WHERE date = '2024-01-05'",
        "UPDATE quote SET date = 'tomorrow' WHERE date = '2024-01-05'",
        "DELETE FROM quote WHERE date = '2024-01-05'",
        "DELETE FROM quote",
        "UPDATE entry SET zone = 'Nowhere'",
        "UPDATE entry SET closes = 'noon'",
        "UPDATE entry SET closes = x'00'",
        "UPDATE entry SET fetched = '2100-01-01T00:00:00+00:00'",
    ],
)
def test_a_hand_edited_copy_is_refused_until_it_is_written_again(tmp_path: Path, edit: str) -> None:
    cache.write(quotes("X"), tmp_path)
    cache.write(quotes("Y"), tmp_path)
    change(tmp_path, f"{edit} {'AND' if 'WHERE' in edit else 'WHERE'} ticker = 'X'")
    with pytest.raises(OutputError, match="copy of X is not what was written"):
        cache.read("X", tmp_path)
    assert cache.read("Y", tmp_path) is not None
    cache.write(quotes("X"), tmp_path)
    assert cache.read("X", tmp_path) is not None


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="set FORECAST_CACHE to another folder"):
        cache.write(quotes(), tmp_path / "file")
    assert cache.read("X", tmp_path / "file") is None


def test_a_folder_in_place_of_the_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "prices.sqlite").mkdir()
    for attempt in (lambda: cache.read("X", tmp_path), lambda: cache.write(quotes(), tmp_path)):
        with pytest.raises(OutputError, match="cannot be used"):
            attempt()


def _busy(folder: Path, worker: int) -> int:
    """Write and read, four tickers shared by all workers; the number of whole reads."""
    whole = 0
    for turn in range(25):
        ticker = f"T{(worker + turn) % 4}"
        cache.write(quotes(ticker, 200, seed=1000 * worker + turn), folder)
        kept = cache.read(f"T{turn % 4}", folder)
        whole += kept is None or len(kept.table) == 200
        cache.entries(folder)
    return whole


def test_four_processes_share_one_file(tmp_path: Path) -> None:
    with SPAWN.Pool(4) as pool:
        whole = pool.starmap(_busy, [(tmp_path / "new", worker) for worker in range(4)])
    assert whole == [25] * 4
    assert [entry.rows for entry in cache.entries(tmp_path / "new")] == [200] * 4


def _write_for_ever(folder: Path, ready) -> None:
    ready.set()
    turn = 0
    while True:
        turn += 1
        cache.write(quotes("X", 500, seed=turn), folder)


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
def test_a_writer_killed_at_any_moment_leaves_a_whole_copy(tmp_path: Path) -> None:
    cache.write(quotes("X", 500), tmp_path)
    for kill in range(5):
        ready = SPAWN.Event()
        writer = SPAWN.Process(target=_write_for_ever, args=(tmp_path, ready), daemon=True)
        writer.start()
        assert ready.wait(60)
        seconds.sleep(0.05 + 0.037 * kill)
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        kept = cache.read("X", tmp_path)
        assert kept is not None
        assert len(kept.table) == 500
