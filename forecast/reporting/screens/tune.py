"""What a search for settings found, as one screen."""

import pandas as pd

from forecast.evaluation.losses import MEASURES
from forecast.reporting.wording import count, day, plain
from forecast.settings import TargetName

SHOWN = 10
_HEADS = ("trial", "model", "hidden", "window", "learning rate", "trust", "R2")
_WIDTHS = (6, 7, 8, 8, 15, 8, 10)


def screen(trials: pd.DataFrame, last: pd.Timestamp, n: int, file: str, target: TargetName) -> str:
    """The best trials as a table, how they were compared, and the file that holds the choice.

    `trials` are as `forecast.tuning.Tuned` holds them, `last` is the last session that was seen.
    """
    measure, rows = MEASURES[target], trials.head(SHOWN)
    if not (rows["trial"] == 0).any():
        rows = pd.concat([rows.head(SHOWN - 1), trials[trials["trial"] == 0]])
    alike = len(trials) > 1 and len({*trials["r2"]}) == 1
    lines = [
        f"{count(len(trials), 'trial')}, walked forward inside the history until {day(last)},",
        f"{count(n, 'forecast')} each; later sessions were not touched.",
        "",
        _line(_HEADS),
    ]
    for row in rows.itertuples(index=False):
        cells = (
            f"{row.trial}",
            plain(str(row.model), 6),
            f"{row.hidden}",
            f"{row.window}",
            f"{row.learning_rate:g}",
            f"{row.trust:g}",
            f"{row.r2:+.5f}",
        )
        lines.append(_line(cells) + ("  as given" if row.trial == 0 else ""))
    lines += [
        *(["All answered alike: validation supported nothing of what they learned."] * alike),
        f"R2: share of the {measure.named} of {measure.beside} that is removed.",
        "  The best of many is the best by luck, too: what it is worth only later sessions tell.",
        "",
        f"Written: {plain(file, 300)}; use it with forecast fit --settings {plain(file, 300)}",
    ]
    return "\n".join(lines) + "\n"


def _line(cells: tuple[str, ...]) -> str:
    return "".join(f" {cell:>{width - 1}}" for cell, width in zip(cells, _WIDTHS, strict=True))
