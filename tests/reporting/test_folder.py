"""A result folder gives back the run, draws it again, and is never a mix of two runs."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest

from forecast.errors import OutputError
from forecast.reporting import folder
from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.figures import OF_PRICES
from forecast.reporting.pictures.prices import forecast_picture
from forecast.reporting.run import Run
from forecast.reporting.sealed import digest
from forecast.reporting.wording import origin
from tests.reporting import made

RUN = made.run(
    notes=("cells computed by fused on cpu",),
    findings=("1 gap of more than 10 days between sessions.",),
    command="forecast fit GOOG --source sample",
    versions={"python": "3.11.7"},
)
DATA = ["answers.csv", "learning.csv", "receipt.json", "scores.json", "settings.json"]
DRAWN = ["forecast.png", "report.html"]
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
WITHOUT_TORCH = """
import sys
from pathlib import Path
from forecast.reporting.folder import redraw
redraw(Path(sys.argv[1]))
print([name for name in ("torch", "matplotlib.pyplot", "scipy") if name in sys.modules])
"""


def contents(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(place.iterdir()) if path.is_file()}


def same(one: Run, other: Run) -> bool:
    for name in ("answers", "scores", "curves", "trading"):
        left, right = getattr(one, name), getattr(other, name)
        for column in left.select_dtypes("datetime"):
            left = left.assign(**{column: left[column].astype("datetime64[ns]")})
        pd.testing.assert_frame_equal(left, right, check_exact=True)
    names = (
        "trials",
        "ticker",
        "receipt",
        "settings",
        "verdict",
        "notes",
        "findings",
        "command",
        "versions",
    )
    return all(getattr(one, name) == getattr(other, name) for name in names)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("reports") / "GOOG"
    folder.write(place, RUN, WHEN)
    return place


@pytest.fixture
def copied(written: Path, tmp_path: Path) -> Path:
    for name, content in contents(written).items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_a_folder_holds_data_page_and_one_picture_and_nothing_else(written: Path) -> None:
    assert sorted(contents(written)) == sorted([*DATA, *DRAWN, "trials.json"])
    assert (written / "forecast.png").read_bytes().startswith(b"\x89PNG")
    assert len((written / "report.html").read_bytes()) < 600_000


def test_a_run_comes_back_as_it_was(written: Path) -> None:
    assert same(RUN, folder.read(written))


def test_the_same_run_gives_the_same_bytes(written: Path, copied: Path) -> None:
    folder.write(copied, RUN, WHEN)
    assert contents(copied) == contents(written)


def test_drawing_again_gives_the_same_page_and_leaves_data_alone(
    written: Path, copied: Path
) -> None:
    (copied / "forecast.png").unlink()
    (copied / "report.html").write_text("old")
    assert sorted(path.name for path in folder.redraw(copied)) == DRAWN
    assert contents(copied) == contents(written)


def test_pictures_are_files_of_their_own_where_asked_and_gone_after_the_next_run(
    copied: Path,
) -> None:
    written = folder.redraw(copied, pictures=True)
    for name in (*OF_PRICES, "learning", "folds"):
        assert (copied / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert b"<svg" in (copied / f"{name}.svg").read_bytes()
        assert copied / f"{name}.svg" in written
    folder.write(copied, RUN, WHEN, b"a model")
    assert sorted(contents(copied)) == sorted([*DATA, *DRAWN, "model.safetensors", "trials.json"])


def test_another_process_draws_the_same_without_torch_or_pyplot(
    written: Path, copied: Path
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, str(copied)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "[]\n"
    assert contents(copied) == contents(written)


def test_a_user_s_matplotlib_settings_are_neither_obeyed_nor_changed(written: Path) -> None:
    ours = {
        "font.size": 30.0,
        "axes.facecolor": "red",
        "text.parse_math": True,
        "lines.marker": "x",
    }
    with mpl.rc_context(ours):
        before = dict(mpl.rcParams)
        figure = forecast_picture(RUN.headline, note=origin(RUN.receipt))
        assert canvas.png(figure) == (written / "forecast.png").read_bytes()
        assert dict(mpl.rcParams) == before


def test_parts_of_two_runs_are_refused(copied: Path) -> None:
    answers = (copied / "answers.csv").read_text()
    (copied / "answers.csv").write_text(answers.replace("2013-03-01", "2013-03-02", 1))
    with pytest.raises(OutputError, match=r"answers\.csv' is not as it was written"):
        folder.read(copied)


@pytest.mark.parametrize("name", DATA)
def test_a_missing_file_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(OutputError, match=rf"{name}' cannot be read: No such file"):
        folder.read(copied)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"null", b"{}", b'{"sha256": 3}', b'{"sha256": {}}'),
        *(b"\xff\xfe", b"\x00", b"[" * 9999),
    ],
)
def test_a_damaged_score_file_is_one_sentence(copied: Path, content: bytes) -> None:
    (copied / "scores.json").write_bytes(content)
    with pytest.raises(OutputError, match=r"; run forecast fit (again|first)$") as caught:
        folder.read(copied)
    assert str(copied) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_scores_that_somebody_changed_are_refused(copied: Path) -> None:
    told = json.loads((copied / "scores.json").read_text()) | {"verdict": "better"}
    (copied / "scores.json").write_text(json.dumps(told))
    with pytest.raises(OutputError, match=r"scores\.json' is not as it was written"):
        folder.read(copied)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_a_file_without_end_is_refused(copied: Path) -> None:
    (copied / "answers.csv").unlink()
    (copied / "answers.csv").symlink_to("/dev/zero")
    with pytest.raises(OutputError, match=r"answers\.csv' cannot be read: a pipe or a device"):
        folder.read(copied)


def test_a_score_file_cannot_point_outside_its_folder(copied: Path) -> None:
    told = json.loads((copied / "scores.json").read_text())
    told["sha256"]["../secret"] = "0" * 64
    (copied / "scores.json").write_text(json.dumps(told))
    with pytest.raises(OutputError, match=r"names '\.\./secret', which is no file beside it"):
        folder.read(copied)


def test_settings_of_another_version_are_refused(copied: Path) -> None:
    settings = (copied / "settings.json").read_bytes().replace(b'"epochs"', b'"rounds"')
    told = json.loads((copied / "scores.json").read_text())
    told["sha256"]["settings.json"] = digest(settings)
    (copied / "settings.json").write_bytes(settings)
    (copied / "scores.json").write_text(json.dumps(told))
    with pytest.raises(OutputError, match=r"holds no result that can be read: .*rounds"):
        folder.read(copied)


def test_a_full_disk_leaves_the_old_result_whole(copied: Path) -> None:
    resource = pytest.importorskip("resource")
    old, before = contents(copied), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
    try:
        with pytest.raises(OutputError, match="cannot be written"):
            folder.write(copied, made.run(verdict="another"), WHEN)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert contents(copied) == old


def test_a_run_without_learning_replaces_the_old_curves(copied: Path) -> None:
    folder.write(copied, made.run(curves=RUN.curves.head(0)), WHEN)
    assert folder.read(copied).curves.empty
    assert b"No learning curves: no forecaster here" in (copied / "report.html").read_bytes()
