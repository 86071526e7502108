"""A file is written whole or not at all: what stands under a name is the old content or the new.

Content goes to a temporary file beside its target, is flushed to the disk, and takes the target's
name in one step. A target that is a link is replaced, not followed. Several files are all written
before the first is named, so that a full disk leaves every old one as it was.
"""

import contextlib
import errno
import os
import platform
import re
import stat
import threading
import time
import zlib
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from forecast.errors import OutputError, SettingError

if os.name == "posix":
    import fcntl

STALE_SECONDS = 3600.0
_LEFTOVER = re.compile(r"\..+\.([0-9a-f]{8})-([0-9]{1,9})-[0-9]+\.tmp")


def prepare(folder: Path) -> None:
    """Make a folder, show that files can be written there, and sweep what killed runs left.

    Raises:
        OutputError: the folder cannot be made or written.
    """
    probe = _temporary(folder / "probe")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(probe, b"probe")
    except OSError as error:
        raise _refusal(folder, error) from error
    finally:
        _drop(probe)
    sweep(folder)


@contextmanager
def prepared(folders: Sequence[Path]) -> Generator[None]:
    """Folders as `prepare` leaves them; where work fails, those made for it that are empty go.

    Raises:
        OutputError: one cannot be made or written.
    """
    made = [each for folder in folders for each in _absent(folder)]
    try:
        for folder in folders:
            prepare(folder)
        yield
    except BaseException:
        for each in made:
            with contextlib.suppress(OSError):
                each.rmdir()
        raise


def _absent(folder: Path) -> list[Path]:
    """A folder and those around it that are not there, the innermost first."""
    with contextlib.suppress(OSError):  # preparing it says what is wrong
        return [each for each in (folder, *folder.parents) if not each.exists()]
    return []


def spare(given: Iterable[Path | str], *written: Path) -> None:
    """Refuse to write over a file that was given to be read, or over its folder.

    Raises:
        SettingError: a path to be written is one of these.
    """
    results = [_real(path) for path in written]
    for path in map(Path, given):
        if path.is_file() and not {_real(path), _real(path).parent}.isdisjoint(results):
            raise SettingError(f"{str(path)!r} lies where its result goes; choose another place")


def _real(path: Path) -> Path:
    """Where links lead; a circle of them, which `Path.resolve` raises at, leads nowhere."""
    return Path(os.path.realpath(path))


def read_whole(path: Path, most: int) -> bytes:
    """What a file holds, unless it is a pipe or a device, or longer than `most` bytes.

    Raises:
        OSError: it is, or cannot be read.
    """
    with opened(path, most) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise _too_long(len(data), most)
    return data


@contextmanager
def opened(path: Path, most: int) -> Generator[BinaryIO]:
    """A file to be read as it is now, also where another takes its name in the meantime.

    One that says it has no bytes is not read: one of the system, such as `/proc/kmsg`, may have no
    end, or wait for its first.

    Raises:
        OSError: it is a pipe or a device, longer than `most` bytes, or cannot be read.
    """
    _refuse_device(path)
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise _too_long(size, most)
        yield file if size else BytesIO()


def _too_long(size: int, most: int) -> OSError:
    return OSError(errno.EFBIG, f"has {size:,}, more than {most:,} bytes")


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """Lock a folder against others that ask for the same lock; on POSIX systems only."""
    try:
        descriptor = os.open(folder, os.O_RDONLY) if os.name == "posix" else -1
    except OSError:
        descriptor = -1  # the reader or writer that follows says why
    try:
        with contextlib.suppress(OSError):
            if descriptor >= 0:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` under `path`, whole or not at all.

    Raises:
        OutputError: the disk or the folder refuses; what was under `path` is untouched.
    """
    write_all(path.parent, {path.name: content})


def write_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Put each content under its name in `folder`; none is named before all are on the disk.

    Raises:
        OutputError: the disk or the folder refuses one of them.
    """
    _name_all(folder, list(contents), lambda name, temporary: _write(temporary, contents[name]))


def share_all(source: Path, folder: Path, names: Sequence[str]) -> None:
    """Put files of `source` under the same names in `folder`, as one file with two names or copied.

    Raises:
        OutputError: the disk or the folder refuses one of them.
    """
    _name_all(folder, names, lambda name, temporary: _share(source / name, temporary))


def _name_all(folder: Path, names: Sequence[str], make: Callable[[str, Path], None]) -> None:
    """Make each file under a temporary name, and then give all of them their own."""
    path, temporaries = folder, dict[Path, Path]()
    try:
        for name in names:
            path = folder / name
            _refuse_device(path)
            temporaries[path] = _temporary(path)
            make(name, temporaries[path])
        for path, temporary in temporaries.items():
            temporary.replace(path)
        _settle(folder)
    except OSError as error:
        raise _refusal(path, error) from error
    finally:
        for temporary in temporaries.values():
            _drop(temporary)


def _refuse_device(path: Path) -> None:
    """Refuse a pipe or a device: the first may never end, and root could replace `/dev/null`."""
    with contextlib.suppress(FileNotFoundError):
        if not (stat.S_ISREG(mode := path.stat().st_mode) or stat.S_ISDIR(mode)):
            raise OSError(errno.EINVAL, "a pipe or a device, not a file")


def _drop(temporary: Path) -> None:
    with contextlib.suppress(OSError):
        temporary.unlink(missing_ok=True)


def _share(source: Path, temporary: Path) -> None:
    temporary.unlink(missing_ok=True)
    try:
        temporary.hardlink_to(source)
    except OSError:
        _write(temporary, source.read_bytes())


def _refusal(path: Path, error: OSError) -> OutputError:
    reason = error.strerror or type(error).__name__
    return OutputError(
        f"{str(path)!r} cannot be written: {reason}; free space or rights there, or choose another"
        " folder"
    )


def _host() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"


def _temporary(path: Path) -> Path:
    """A name beside `path` that no other host, process or thread writes to."""
    return path.with_name(f".{path.name}.{_host()}-{os.getpid()}-{threading.get_ident()}.tmp")


def _write(temporary: Path, content: bytes) -> None:
    temporary.unlink(missing_ok=True)
    with temporary.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _settle(folder: Path) -> None:
    """Flush the folder's names; only POSIX systems let a folder be opened for that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove temporary files whose writers were killed."""
    for path in folder.glob(".*.tmp"):
        with contextlib.suppress(OSError):
            if _abandoned(path):
                path.unlink()


def _abandoned(path: Path) -> bool:
    """A temporary file of ours whose writer is gone, or that is too old to be still written."""
    match = _LEFTOVER.fullmatch(path.name)
    if match is None:
        return False
    if time.time() - path.stat().st_mtime > STALE_SECONDS:
        return True
    return match[1] == _host() and not _alive(int(match[2]))


def _alive(process: int) -> bool:
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
