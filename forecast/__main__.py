"""The program `forecast`: however it is asked to end, it has ended within a second.

Ctrl-C and SIGTERM unwind it (`forecast.cli.group`). That may be swallowed by what is just being
imported, come back late from far outside of Python, or wait at the end for an import that goes on
beside. Since files are whole at every moment (`forecast.data.files`), the program is ended then.
"""

import gc
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from threading import Thread
from typing import Any, NoReturn

from forecast.errors import ENDED, INTERRUPTED

CODES = {int(signal.SIGINT): INTERRUPTED, int(signal.SIGTERM): ENDED}
GRACE = 0.8  # seconds to unwind in
# Objects that are made before garbage is looked for. Most are what is imported, and stay: looking
# through them as often as Python does takes a tenth of the time of a fit.
MADE = 20_000


def main() -> None:
    """The command line, from its first import to its end."""
    gc.set_threshold(MADE)
    _occupy()
    heard, told = socket.socketpair()
    told.settimeout(0)
    signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    Thread(target=_insist, args=(heard,), daemon=True).start()
    sys.unraisablehook = _unraisable
    try:
        _run()
    except KeyboardInterrupt:
        _end(INTERRUPTED)
    except SystemExit as end:
        if not isinstance(end.code, int) or end.code not in CODES.values():
            raise
        with suppress(OSError):
            sys.stdout.flush()
        os._exit(end.code)


def _occupy() -> None:
    """Nothing that is opened may take the place of a standard stream that was closed."""
    while (place := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(place)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")


def _run() -> None:
    os.environ["MPLBACKEND"] = "agg"  # pictures are files, whichever window the system is told
    from forecast.cli import main as commands  # noqa: PLC0415 - so that Ctrl-C is heard
    from forecast.cli.group import exit_code  # noqa: PLC0415

    try:
        commands(prog_name="forecast")
    except OSError as error:  # from help, which is no command
        sys.exit(exit_code(error))


def _insist(heard: socket.socket) -> None:
    """End the program where it goes on after a signal."""
    while number := heard.recv(1):
        if code := CODES.get(number[0]):
            time.sleep(GRACE)
            _end(code)


def _unraisable(what: Any) -> None:
    """Ctrl-C where nothing can be raised ends the program there."""
    if what.exc_type is KeyboardInterrupt:
        _end(INTERRUPTED)
    sys.__unraisablehook__(what)


def _end(code: int) -> NoReturn:
    if code == INTERRUPTED:
        os.write(2, b"forecast: interrupted\n")
    os._exit(code)


if __name__ == "__main__":
    main()
