"""All pictures of a run or a lesson, by the name of their file."""

from collections.abc import Callable
from functools import partial

from matplotlib.figure import Figure

from forecast.reporting.lesson import Lesson
from forecast.reporting.pictures.attention import attention_picture
from forecast.reporting.pictures.calibration import calibration_picture
from forecast.reporting.pictures.chances import chances_picture
from forecast.reporting.pictures.changes import changes_picture
from forecast.reporting.pictures.errors import coverage_picture, errors_picture
from forecast.reporting.pictures.folds import fold_picture
from forecast.reporting.pictures.lag import lag_picture
from forecast.reporting.pictures.learning import learning_picture, lesson_picture
from forecast.reporting.pictures.prices import forecast_picture, recent_picture
from forecast.reporting.pictures.volatility import (
    levels_picture,
    losses_picture,
    volatility_picture,
)
from forecast.reporting.run import Run
from forecast.reporting.selection import select
from forecast.reporting.wording import origin
from forecast.settings import TargetName

FIRST = "forecast"  # the picture that stands for all of a run
OF_PRICES = {
    FIRST: forecast_picture,
    "recent": recent_picture,
    "errors": errors_picture,
    "coverage": coverage_picture,
    "changes": changes_picture,
    "lag": lag_picture,
    "calibration": calibration_picture,
}
DESCRIPTIONS = {
    "forecast": "Each forecast with its intervals lies over the close that came; below, both as"
    " changes from the last close.",
    "recent": "The newest sessions enlarged, and the sessions to come with their intervals.",
    "errors": "The error in a moving window, beside that of repeating the last close.",
    "coverage": "The share of closes inside the intervals in a moving window, beside the promise.",
    "changes": "Each dot is one session: how much a change was forecast, how much came.",
    "lag": "A bar for the close a forecast is for and for those before it: the shortest is the"
    " close that the forecast resembles most.",
    "calibration": "How often closes lay below each quantile, beside how often they should have.",
    "learning": "The loss of each refit by epoch, on what was learned from and what was held back.",
    "folds": "A line for each refit: the sessions it learned from, then those it was asked about.",
    "levels": "Each dot is one forecast: how much it said, how much prices moved.",
    "chances": "How likely a rise was said to be, and how often it came when it was said so.",
}
VOLATILITY_DESCRIPTIONS = {
    "forecast": "Each forecast with its intervals, and the volatility that came.",
    "errors": "Each forecaster's error in a moving window, divided by HAR's; below 1 is better.",
    "coverage": "The share inside the intervals in a moving window, beside the promise.",
}
OF_VOLATILITY = {
    FIRST: volatility_picture,
    "recent": recent_picture,
    "errors": losses_picture,
    "coverage": coverage_picture,
    "levels": levels_picture,
}


def description(name: str, target: TargetName) -> str:
    """One sentence about a picture."""
    own = VOLATILITY_DESCRIPTIONS if target == "volatility" else DESCRIPTIONS
    return own.get(name, DESCRIPTIONS[name])


def figures(run: Run, *, slim: bool = False, only: str = "") -> dict[str, Figure]:
    """The pictures of a run, in the order to look at them; or `only` one.

    As sheets of their own, or `slim`, for a page.
    """
    chosen, note = run.headline, origin(run.receipt)
    kinds = OF_VOLATILITY if run.target == "volatility" else OF_PRICES
    drawers: dict[str, Callable[..., Figure]] = {
        name: partial(picture, chosen) for name, picture in kinds.items()
    }
    if run.target == "direction":
        chances = select(run.converted, chosen.forecaster, chosen.horizon)
        drawers["chances"] = partial(chances_picture, chances)
    drawers["learning"] = partial(learning_picture, run.ticker, run.curves)
    walked = run.settings.walk_forward
    drawers["folds"] = partial(fold_picture, run.ticker, run.receipt, walked)
    names = [only] if only else list(drawers)
    return {name: drawers[name](note=note, slim=slim) for name in names}


def lesson_figures(lesson: Lesson, *, slim: bool = False) -> dict[str, Figure]:
    """The pictures of a lesson, by the name of their file; or `slim`, for a page."""
    drawn = {"learning": lesson_picture(lesson.name, lesson.curves, lesson.unit, slim=slim)}
    if lesson.looks:
        drawn["attention"] = attention_picture(lesson.name, lesson.looks, slim=slim)
    return drawn
