"""All pictures of a run, by the name of their file."""

from matplotlib.figure import Figure

from forecast.reporting.calibration_picture import calibration_picture
from forecast.reporting.change_picture import changes_picture
from forecast.reporting.error_pictures import coverage_picture, errors_picture
from forecast.reporting.fold_picture import fold_picture
from forecast.reporting.lag_picture import lag_picture
from forecast.reporting.learning_picture import learning_picture
from forecast.reporting.price_pictures import forecast_picture, recent_picture
from forecast.reporting.run import Run
from forecast.reporting.wording import origin

PICTURES = {
    "forecast": forecast_picture,
    "recent": recent_picture,
    "errors": errors_picture,
    "coverage": coverage_picture,
    "changes": changes_picture,
    "lag": lag_picture,
    "calibration": calibration_picture,
}
TOLD = {
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
}


def figures(run: Run) -> dict[str, Figure]:
    """The pictures of a run, in the order in which they are best looked at."""
    chosen, note = run.headline, origin(run.receipt)
    drawn = {
        name: picture(run.answers, forecaster=chosen.forecaster, horizon=chosen.horizon, note=note)
        for name, picture in PICTURES.items()
    }
    drawn["learning"] = learning_picture(run.curves, ticker=run.ticker, note=note)
    drawn["folds"] = fold_picture(run.ticker, run.receipt, run.settings.walk_forward, note)
    return drawn
