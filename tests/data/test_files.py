"""A file is written whole or not at all."""

import os
import platform
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from forecast.data.files import STALE_SECONDS, prepare, prepared, spare, write_all, write_whole
from forecast.errors import OutputError, SettingError

resource = pytest.importorskip("resource")
posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system")
WRITER = """
import sys
from pathlib import Path
from forecast.data.files import write_all
letters = iter(lambda: 0, 1)
for turn, _ in enumerate(letters):
    content = bytes([97 + turn % 26]) * 300_000
    write_all(Path(sys.argv[1]), {"one": content, "two": content})
    print(turn, flush=True)
"""


@contextmanager
def small_files() -> Iterator[None]:
    """No file may grow beyond 50,000 bytes, as with a quota; nor may what pytest writes itself."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_content_arrives_and_nothing_else_stays(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.txt", b"old")
    write_whole(tmp_path / "a.txt", b"new")
    assert (tmp_path / "a.txt").read_bytes() == b"new"
    assert names(tmp_path) == ["a.txt"]


@posix
def test_a_written_file_has_the_rights_that_the_user_s_mask_leaves(tmp_path: Path) -> None:
    write_whole(tmp_path / "ours", b"")
    (tmp_path / "usual").write_bytes(b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


@posix
def test_a_full_disk_leaves_every_old_file(tmp_path: Path) -> None:
    write_all(tmp_path, {"a": b"old a", "b": b"old b"})
    with small_files(), pytest.raises(OutputError, match="b' cannot be written: File too large"):
        write_all(tmp_path, {"a": b"new a", "b": bytes(60_000)})
    assert [(tmp_path / name).read_bytes() for name in "ab"] == [b"old a", b"old b"]
    assert names(tmp_path) == ["a", "b"]


def test_an_unwritable_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match=r"file.* cannot be written: .* choose another folder"):
        prepare(tmp_path / "file")
    with pytest.raises(OutputError, match="cannot be written"):
        prepare(tmp_path / "file" / "below")
    with pytest.raises(OutputError, match="cannot be written"):
        write_whole(tmp_path / "missing" / "a", b"")


@posix
def test_a_folder_without_rights_is_refused_before_work_starts(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("this user may write everywhere")
        with pytest.raises(OutputError, match="Permission denied"):
            prepare(tmp_path)
    finally:
        tmp_path.chmod(0o700)


@posix
def test_a_linked_folder_is_followed_and_a_linked_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "target").write_text("untouched")
    (tmp_path / "folder").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "a").symlink_to(tmp_path / "target")
    prepare(tmp_path / "folder")
    write_whole(tmp_path / "folder" / "a", b"new")
    assert (tmp_path / "target").read_text() == "untouched"
    assert (tmp_path / "real" / "a").read_bytes() == b"new"
    assert not (tmp_path / "real" / "a").is_symlink()


def test_preparing_makes_parents_and_leaves_no_trace(tmp_path: Path) -> None:
    prepare(tmp_path / "a" / "b")
    assert names(tmp_path / "a" / "b") == []


def _begin(path: Path) -> None:
    path.write_text("as far as it came")
    raise OSError(f"{path} is all there is")


def test_work_that_fails_leaves_no_empty_folder_behind(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    folders = [tmp_path / "out" / "a", tmp_path / "out" / "b", tmp_path / "mine"]
    with pytest.raises(SettingError), prepared(folders):
        raise SettingError("no such model")
    assert names(tmp_path) == ["mine"]
    with pytest.raises(OSError, match="kept"), prepared(folders):
        _begin(folders[0] / "kept")
    assert names(tmp_path / "out") == ["a"]
    with pytest.raises(OutputError), prepared([tmp_path / "new", tmp_path / ("x" * 300)]):
        pass
    assert names(tmp_path) == ["mine", "out"]


def leftover(folder: Path, process: int, host: str = "") -> Path:
    mark = host or f"{zlib.crc32(platform.node().encode()):08x}"
    path = folder / f".answers.csv.{mark}-{process}-1.tmp"
    path.write_bytes(b"half")
    return path


@posix
def test_what_killed_runs_left_is_swept_and_the_rest_stays(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    dead = leftover(tmp_path, gone.pid)
    old = leftover(tmp_path, 1, host="00000000")
    os.utime(old, (time.time() - STALE_SECONDS - 60,) * 2)
    elsewhere, alive = leftover(tmp_path, 2, host="00000000"), leftover(tmp_path, os.getppid())
    foreign = tmp_path / ".somebody.tmp"
    foreign.write_bytes(b"not ours")
    prepare(tmp_path)
    assert not dead.exists()
    assert not old.exists()
    assert all(path.exists() for path in (elsewhere, alive, foreign))


@posix
def test_a_kill_at_any_moment_leaves_old_or_new(tmp_path: Path) -> None:
    for turn in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.011 * turn)
            writer.send_signal(signal.SIGKILL)
        for name in ("one", "two"):
            content = (tmp_path / name).read_bytes()
            assert len(content) == 300_000
            assert len(set(content)) == 1
        prepare(tmp_path)
        assert names(tmp_path) == ["one", "two"]


def test_writers_side_by_side_never_tear_a_file(tmp_path: Path) -> None:
    path, torn = tmp_path / "shared", list[int]()
    write_whole(path, b"0" * 100_000)

    def write(letter: bytes) -> None:
        for _ in range(25):
            write_whole(path, letter * 100_000)

    writers = [threading.Thread(target=write, args=(each,)) for each in (b"1", b"2", b"3")]
    for each in writers:
        each.start()
    while any(each.is_alive() for each in writers):
        torn.append(len(set(path.read_bytes())))
    for each in writers:
        each.join()
    assert set(torn) == {1}
    assert names(tmp_path) == ["shared"]


@posix
def test_a_pipe_or_a_device_is_not_replaced(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for path in (pipe, link):
        with pytest.raises(OutputError, match="a pipe or a device, not a file"):
            write_whole(path, b"new")
    assert pipe.is_fifo()
    assert link.is_symlink()
    assert {*tmp_path.iterdir()} == {pipe, link}


@posix
def test_links_in_a_circle_are_no_place_for_results(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("x")
    (tmp_path / "loop").symlink_to("loop")
    spare([tmp_path / "own.csv"], tmp_path / "loop" / "own")
    with pytest.raises(OutputError, match="symbolic links"):
        prepare(tmp_path / "loop" / "own")
