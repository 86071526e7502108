"""All pictures of a run, by the name of their file."""

from matplotlib.figure import Figure

from forecast.reporting.change_picture import changes_picture
from forecast.reporting.error_pictures import coverage_picture, errors_picture
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
}


def figures(run: Run) -> dict[str, Figure]:
    """The pictures of a run: forecast, recent, errors, coverage, changes, learning."""
    chosen, note = run.headline, origin(run.receipt)
    drawn = {
        name: picture(run.answers, forecaster=chosen.forecaster, horizon=chosen.horizon, note=note)
        for name, picture in PICTURES.items()
    }
    drawn["learning"] = learning_picture(run.curves, ticker=run.ticker, note=note)
    return drawn
