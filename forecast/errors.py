"""Every error raised on purpose, each with the exit code that the command line gives it.

```
ForecastError             never raised itself; catch it to catch all of ours
├── SettingError      2   a choice out of range, an unknown name, a malformed ticker
├── DataError         3   prices or text that cannot be used as they are
├── SourceError       4   a provider that cannot be reached, or does not know the ticker
├── CheckpointError   5   a saved model that is damaged, foreign or of another shape
├── OutputError       6   results that cannot be written or read back
└── TrainingError     7   learning that diverged, or would not fit in memory
```

`SettingError` and `DataError` are `ValueError`s, too, as whoever calls an estimator expects.

`forecast audit` ends with 8 where a check fails, which is a finding and no error.

A message is one line and says what came, what was needed, where, and what to do.
"""

from collections.abc import Collection
from difflib import get_close_matches
from typing import ClassVar

# Exit codes after Ctrl-C and after a request to end (SIGTERM): those of shells.
INTERRUPTED, ENDED = 130, 143


class ForecastError(Exception):
    """Whatever is raised on purpose; catch it to catch all of ours."""

    exit_code: ClassVar[int] = 1


class SettingError(ForecastError, ValueError):
    """A choice out of range, an unknown name, a malformed ticker."""

    exit_code = 2


class DataError(ForecastError, ValueError):
    """Prices or text that cannot be used as they are."""

    exit_code = 3


class SourceError(ForecastError):
    """A provider that cannot be reached, or does not know the ticker."""

    exit_code = 4


class CheckpointError(ForecastError):
    """A saved model that is damaged, foreign or of another shape."""

    exit_code = 5


class OutputError(ForecastError):
    """Results that cannot be written or read back."""

    exit_code = 6


class TrainingError(ForecastError):
    """Learning that diverged, or would not fit in memory."""

    exit_code = 7


def unknown(sentence: str, name: str, known: Collection[str]) -> SettingError:
    """The error of a name that is none of those known, with the one that was probably meant.

    >>> print(unknown("no model is named", "lsmt", ["lstm", "gru"]))
    no model is named 'lsmt'; did you mean lstm? There are lstm, gru.
    """
    near = get_close_matches(name, known, 1)
    hint = f"; did you mean {near[0]}?" if near else "."
    return SettingError(f"{sentence} {name!r}{hint} There are {', '.join(known)}.")


def printable(text: str, kept: str = "") -> str:
    r"""The text with whatever a terminal would not show as it is escaped, but for the signs kept.

    >>> print(printable("\x1b[31mred"))
    \x1b[31mred
    """
    return "".join(
        each if each.isprintable() or each in kept else repr(each)[1:-1] for each in text
    )
