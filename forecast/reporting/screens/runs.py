"""The runs kept in result folders, newest first."""

from collections.abc import Iterable
from pathlib import Path

from forecast.reporting.history import kept
from forecast.reporting.wording import plain


def screen(folders: Iterable[Path]) -> str:
    """A line for each run."""
    runs = [run for folder in folders for run in kept(folder)]
    wide = max((len(plain(run.name, 30)) for run in runs), default=0)
    lines = [
        f"{plain(run.name, 30):<{wide}}  {run.stamp}  {plain(run.verdict, 120)}\n" for run in runs
    ]
    return "".join(lines) or "no runs yet; run forecast fit first\n"


def as_json(folders: Iterable[Path]) -> dict[str, list[dict[str, str]]]:
    """All runs, each with its folder."""
    runs = [
        {
            "result": run.name,
            "run": run.stamp,
            "verdict": run.verdict,
            "folder": str(run.folder),
        }
        for folder in folders
        for run in kept(folder)
    ]
    return {"runs": runs}
