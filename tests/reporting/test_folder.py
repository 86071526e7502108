"""A result folder gives back the run, draws it again, and is never a mix of two runs."""

import json
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest

from forecast.errors import OutputError
from forecast.reporting import canvas, folder
from forecast.reporting.price_pictures import recent_picture
from forecast.reporting.run import Run
from forecast.reporting.wording import origin
from tests.reporting import made

RUN = made.run(notes=("cells computed by fused on cpu",))
DATA = ["answers.csv", "learning.csv", "receipt.json", "scores.json", "settings.json"]
PICTURES = ["changes", "coverage", "errors", "forecast", "learning", "recent"]
WITHOUT_TORCH = """
import sys
from pathlib import Path
from forecast.reporting.folder import redraw
redraw(Path(sys.argv[1]))
print([name for name in ("torch", "matplotlib.pyplot", "scipy") if name in sys.modules])
"""


def contents(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(place.iterdir())}


def same(one: Run, other: Run) -> bool:
    for name in ("answers", "scores", "curves"):
        left, right = getattr(one, name), getattr(other, name)
        for column in left.select_dtypes("datetime"):
            left = left.assign(**{column: left[column].astype("datetime64[ns]")})
        pd.testing.assert_frame_equal(left, right, check_exact=True)
    names = ("ticker", "receipt", "settings", "verdict", "notes")
    return all(getattr(one, name) == getattr(other, name) for name in names)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("reports") / "GOOG"
    folder.write(place, RUN)
    return place


@pytest.fixture
def copied(written: Path, tmp_path: Path) -> Path:
    for name, content in contents(written).items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_a_folder_holds_data_and_pictures_and_nothing_else(written: Path) -> None:
    pictures = [f"{name}.{kind}" for name in PICTURES for kind in ("png", "svg")]
    assert sorted(contents(written)) == sorted(DATA + pictures)
    for name in PICTURES:
        assert (written / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert b"<svg" in (written / f"{name}.svg").read_bytes()


def test_a_run_comes_back_as_it_was(written: Path) -> None:
    assert same(RUN, folder.read(written))


def test_the_same_run_gives_the_same_bytes(written: Path, copied: Path) -> None:
    folder.write(copied, RUN)
    assert contents(copied) == contents(written)


def test_drawing_again_gives_the_same_pictures_and_leaves_data_alone(
    written: Path, copied: Path
) -> None:
    for name in PICTURES:
        (copied / f"{name}.png").unlink()
        (copied / f"{name}.svg").write_text("old")
    assert same(RUN, folder.redraw(copied))
    assert contents(copied) == contents(written)


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
        figure = recent_picture(RUN.answers, note=origin(RUN.receipt))
        assert canvas.png(figure) == (written / "recent.png").read_bytes()
        assert dict(mpl.rcParams) == before


def test_parts_of_two_runs_are_refused(copied: Path) -> None:
    answers = (copied / "answers.csv").read_text()
    (copied / "answers.csv").write_text(answers.replace("2013-03-01", "2013-03-02", 1))
    with pytest.raises(OutputError, match=r"answers\.csv' is not the one that scores\.json"):
        folder.read(copied)


@pytest.mark.parametrize("name", DATA)
def test_a_missing_file_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(OutputError, match=rf"{name}' cannot be read: No such file"):
        folder.read(copied)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"{}", b'{"sha256": 3}', b'{"sha256": {}}', b"\xff\xfe", b"\x00"],
)
def test_a_damaged_score_file_is_one_sentence(copied: Path, content: bytes) -> None:
    (copied / "scores.json").write_bytes(content)
    with pytest.raises(OutputError) as caught:
        folder.read(copied)
    assert str(copied) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_score_file_cannot_point_outside_its_folder(copied: Path) -> None:
    told = json.loads((copied / "scores.json").read_text())
    told["sha256"]["../secret"] = "0" * 64
    (copied / "scores.json").write_text(json.dumps(told))
    with pytest.raises(OutputError, match=r"names '\.\./secret', which is no file beside it"):
        folder.read(copied)


def test_settings_of_another_version_are_refused(copied: Path) -> None:
    settings = (copied / "settings.json").read_bytes().replace(b'"epochs"', b'"rounds"')
    told = json.loads((copied / "scores.json").read_text())
    told["sha256"]["settings.json"] = folder.digest(settings)
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
            folder.write(copied, made.run(verdict="another"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert contents(copied) == old


def test_a_run_without_learning_replaces_the_old_curves(copied: Path) -> None:
    before = (copied / "learning.png").read_bytes()
    folder.write(copied, made.run(curves=RUN.curves.head(0)))
    assert folder.read(copied).curves.empty
    assert (copied / "learning.png").read_bytes() != before
