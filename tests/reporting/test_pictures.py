"""Each picture shows what the answers hold, in words that neither overlap nor leave the sheet."""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from forecast.evaluation.answers import QUANTILES
from forecast.reporting.pictures import canvas, lettering
from forecast.reporting.pictures.canvas import spread
from forecast.reporting.pictures.changes import changes_picture
from forecast.reporting.pictures.colours import NAMED, colours
from forecast.reporting.pictures.errors import by_chance, coverage_picture, errors_picture
from forecast.reporting.pictures.figures import figures
from forecast.reporting.pictures.lag import lag_distances
from forecast.reporting.pictures.learning import learning_picture, median_curve
from forecast.reporting.pictures.lettering import drawable
from forecast.reporting.pictures.prices import forecast_picture, recent_picture
from forecast.reporting.pictures.slim import is_slim, settle
from forecast.reporting.pictures.time_axis import date_ticks, days
from forecast.reporting.selection import select
from tests.reporting import made

CLOSES = made.closes()
NO_CURVES = made.curves(made.answers(CLOSES, count=1)).head(0)
MANY = ("lstm", "gru", "last", "drift", "logdrift", "ridge", "boosting", "weekday")
HOSTILE = "A$_{x}$\\frac_<b>삼성\x1b\u202e_long_long_long_long_long"


def without_bands(answers: pd.DataFrame) -> pd.DataFrame:
    return answers.assign(**dict.fromkeys(QUANTILES, np.nan))


CASES = {
    "30 answers": made.answers(CLOSES, count=30, ticker="005930.KS"),
    "1 answer": made.answers(CLOSES, count=1),
    "3000 answers": made.answers(made.closes("AAPL"), count=3000, forecasters=("lstm", "last")),
    "8 forecasters": made.answers(CLOSES, count=200, forecasters=MANY),
    "horizon 5": made.answers(CLOSES, count=120, horizon=5),
    "no intervals": without_bands(made.answers(CLOSES, count=50)),
    "tiny last closes": made.answers(CLOSES * 1e-7, count=80, forecasters=("last",)),
    "hostile names": made.answers(CLOSES, count=80, ticker=HOSTILE).replace("lstm", HOSTILE),
    "huge, nothing to come": made.answers(CLOSES * 1e4, count=80).dropna(),
}


def texts(figure: Figure) -> Iterator[tuple[str, np.ndarray]]:
    """Words that are shown, with their boxes (left, bottom, right, top) in points of the sheet."""
    FigureCanvasAgg(figure)
    with canvas.styled():
        if is_slim(figure):
            settle(figure)
        figure.canvas.draw()
        hidden = {id(label) for axes in figure.axes for label in out_of_view(axes)}
        words = [each for each in figure.findobj(Text) if id(each) not in hidden]
        shown = [each for each in words if each.get_visible() and each.get_text().strip()]
        boxes = [(each.get_text(), each.get_window_extent()) for each in shown]
    yield from ((text, box.extents) for text, box in boxes if box.width)


def out_of_view(axes: Axes) -> Iterator[Text]:
    """Labels of ticks beyond the ends of an axis, which are there and not drawn."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = axis.get_view_interval()
        for tick in axis.get_major_ticks():
            if not low <= tick.get_loc() <= high:
                yield tick.label1


def meet(one: np.ndarray, other: np.ndarray) -> bool:
    inner = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    return bool((inner > 1).all())


@pytest.mark.parametrize("slim", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_words_neither_overlap_nor_leave_the_sheet(case: str, *, slim: bool) -> None:
    answers = CASES[case]
    ticker = answers["ticker"].iloc[0]
    run = made.run(ticker=ticker, answers=answers, curves=made.curves(CASES["30 answers"]))
    for name, figure in figures(run, slim=slim).items():
        found = list(texts(figure))
        assert found
        for (one, box), (other, another) in combinations(found, 2):
            assert not meet(box, another), f"{name}: {one!r} meets {other!r}"
        for words, box in found:
            assert (box >= 0).all(), f"{name}: {words!r} leaves the sheet"
            assert (box <= [*figure.bbox.size, *figure.bbox.size]).all(), f"{name}: {words!r}"


def test_hostile_names_stay_words() -> None:
    answers = CASES["hostile names"]
    for figure in (forecast_picture(select(answers)), errors_picture(select(answers))):
        root = ElementTree.fromstring(canvas.svg(figure).decode())
        assert not [each for each in root.iter() if each.tag.endswith(("script", "}b"))]
        assert any("A$_{x}$\\frac_<b>" in (each.text or "") for each in root.iter())


def test_the_forecast_picture_ends_with_the_next_session() -> None:
    answers = made.answers(CLOSES, count=80)
    upcoming = answers[(answers["forecaster"] == "lstm") & answers["actual"].isna()].iloc[0]
    for picture in (forecast_picture, recent_picture):
        lines = picture(select(answers)).axes[0].get_lines()
        points = [tuple(point) for line in lines for point in line.get_xydata()]
        assert (days(pd.Series([upcoming["date"]]))[0], upcoming["forecast"]) in points


def test_recent_sessions_are_the_last_sixty() -> None:
    axes = recent_picture(select(made.answers(CLOSES, count=80))).axes[0]
    (actual,) = (line for line in axes.get_lines() if line.get_label() == "actual close")
    np.testing.assert_array_equal(actual.get_ydata(), CLOSES.to_numpy()[-60:])


def test_rolling_errors_are_means_of_absolute_errors() -> None:
    answers = made.answers(CLOSES, count=200)
    rows = answers[answers["forecaster"] == "lstm"].dropna()
    errors = (100 * (rows["actual"] - rows["forecast"]).abs() / rows["last"]).to_numpy()
    last, mine = errors_picture(select(answers, "lstm")).axes[0].get_lines()
    assert mine.get_ydata()[-1] == pytest.approx(errors[-40:].mean())
    assert np.isnan(mine.get_ydata()[38])
    assert mine.get_ydata()[39] == pytest.approx(errors[:40].mean())
    assert to_hex(last.get_color()) == NAMED["last"]


def test_the_last_close_divided_by_itself_is_one() -> None:
    answers = made.answers(CLOSES, count=100)
    twin = answers[answers["forecaster"] == "last"].assign(forecaster="twin")
    axes = errors_picture(select(pd.concat([twin, answers]), "twin")).axes[1]
    assert np.nanmax(np.abs(axes.get_lines()[1].get_ydata() - 1)) < 1e-12


def test_coverage_counts_closes_inside() -> None:
    answers = made.answers(CLOSES, count=50, forecasters=("lstm",))
    answers["q10"], answers["q90"] = answers["actual"], answers["actual"]
    answers["q025"], answers["q975"] = 2 * answers["actual"], 3 * answers["actual"]
    axes = coverage_picture(select(answers)).axes[0]
    rolling = [line.get_ydata()[-1] for line in axes.get_lines() if len(line.get_ydata()) == 50]
    assert rolling == [1.0, 0.0]


def test_changes_are_in_per_cent_at_one_scale() -> None:
    answers = made.answers(CLOSES, count=90)
    rows = answers[answers["forecaster"] == "lstm"].dropna()
    left, right = changes_picture(select(answers)).axes
    points = left.get_lines()[2].get_xydata()
    np.testing.assert_allclose(points[:, 0], 100 * (rows["actual"] / rows["last"] - 1))
    np.testing.assert_allclose(points[:, 1], 100 * (rows["forecast"] / rows["last"] - 1))
    box = left.get_position()
    assert left.get_xlim() == left.get_ylim() == right.get_xlim()
    assert box.width * 10.0 == pytest.approx(box.height * 5.6)


def test_a_lag_is_told_of_sessions_in_a_row_alone() -> None:
    answers = made.answers(CLOSES, count=120, horizon=5)
    assert np.argmin(lag_distances(select(answers, "last"))) == 5
    fifth = answers["cutoff"].isin(answers["cutoff"].unique()[::5])
    assert not len(lag_distances(select(answers[fifth], "last")))


@pytest.mark.parametrize("count", [10, 40, 100])
@pytest.mark.parametrize("coverage", [0.8, 0.95])
def test_what_chance_allows_is_binomial(coverage: float, count: int) -> None:
    oracle = scipy.stats.binom(count, coverage).ppf([0.025, 0.975]) / count
    np.testing.assert_allclose(by_chance(coverage, count), oracle)


def test_a_forecaster_has_one_colour_everywhere() -> None:
    assert colours(["lstm", "last"])["lstm"] == colours(["gru", "mine", "lstm"])["lstm"]
    assert len(set(colours([*NAMED]).values())) == len(NAMED)
    answers = made.answers(CLOSES, count=60, forecasters=("gru", "mine", "last"))
    shade = colours(["gru", "mine", "last"])["mine"]
    price = forecast_picture(select(answers, "mine")).axes[0].get_lines()[1]
    ratio = errors_picture(select(answers, "gru")).axes[1].get_lines()[2]
    assert price.get_color() == ratio.get_color() == shade


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0.01, 0.5))
def test_labels_are_moved_apart_and_kept_in_order(heights: list[float], gap: float) -> None:
    wanted = sorted(heights)
    found = spread(wanted, gap)
    assert (np.diff(found) >= gap - 1e-9).all()
    assert np.mean(found) == pytest.approx(np.mean(wanted))
    assert spread(found, gap) == pytest.approx(found)


@settings(max_examples=40, deadline=None)
@given(st.datetimes(pd.Timestamp(1980, 1, 1), pd.Timestamp(2040, 1, 1)), st.integers(0, 15_000))
def test_any_span_has_a_few_dates(first: pd.Timestamp, length: int) -> None:
    axes = Figure().add_subplot()
    start = pd.Timestamp(first).normalize()
    date_ticks(axes, start, start + pd.Timedelta(days=length))
    assert 1 <= len(axes.get_xticks()) <= 24
    left, right = axes.get_xlim()
    assert all(left <= tick <= right for tick in axes.get_xticks())


def test_a_median_ends_where_half_of_the_refits_have_ended() -> None:
    grid = np.array([[4.0, 3, 2, 1], [5, 4, np.nan, np.nan], [6, np.nan, np.nan, np.nan]])
    np.testing.assert_array_equal(median_curve(grid), [5, 3.5, np.nan, np.nan])


def test_every_refit_has_its_curve() -> None:
    curves = made.curves(made.answers(CLOSES, count=100))
    axes = learning_picture("GOOG", curves).axes[0]
    assert [len(each.get_segments()) for each in axes.collections] == [6, 6]


def test_what_is_missing_is_said() -> None:
    said = [words for words, _ in texts(learning_picture("GOOG", NO_CURVES))]
    assert "No learning curves: no forecaster here learns in epochs." in said
    said = [words for words, _ in texts(coverage_picture(select(CASES["no intervals"])))]
    assert "No intervals: they need 60 answers with an actual before them." in said


def test_letters_without_a_font_are_named() -> None:
    assert drawable("A\U00013000B") == "AU+13000B"
    assert drawable("삼성") in ("삼성", "SamSeong")


def test_a_font_installed_after_matplotlib_listed_them_draws_what_no_other_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    new = [each for each in fontManager.ttflist if each.name == "STIXGeneral"]
    usual, other = (FT2Font(fontManager.findfont(name)) for name in (lettering.FONT, "STIXGeneral"))
    alone = chr(min({*other.get_charmap()} - {*usual.get_charmap()}))
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    there = [str(broken), other.fname]  # and nothing bold
    monkeypatch.setattr(fontManager, "ttflist", [*{*fontManager.ttflist} - {*new}])
    monkeypatch.setattr(lettering, "findSystemFonts", lambda: there)
    monkeypatch.setattr(lettering, "HANGUL_FONTS", ("STIXGeneral",))
    monkeypatch.setattr(lettering, "HAN_FONTS", ())
    made_before = (lettering.further_fonts, lettering._drawn)
    for each in made_before:
        each.cache_clear()
    try:
        assert drawable(alone) == alone
        with canvas.styled():  # a letter that is not drawn is a warning, and fails
            canvas.png(canvas.sheet(f"A{alone}", "words"))
        assert not caplog.records
    finally:
        for each in made_before:
            each.cache_clear()


def test_letters_without_a_font_are_said_once(caplog: pytest.LogCaptureFixture) -> None:
    lettering._drawn.cache_clear()
    lettering._say.cache_clear()
    assert drawable("\U00013000\U00013001") == "U+13000U+13001"
    assert drawable("\U00013002") == "U+13002"
    assert [each.getMessage() for each in caplog.records] == [
        "no font here can draw some characters, which pictures name by their numbers; install Noto"
        " Sans CJK for them"
    ]
