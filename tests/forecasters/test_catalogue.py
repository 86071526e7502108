import subprocess
import sys

import pytest

from forecast.errors import SettingError
from forecast.forecasters.base import Forecaster
from forecast.forecasters.catalogue import LEARNING, NAIVE, by_name
from forecast.progress import silent
from forecast.settings import Inputs, Settings


def test_every_name_makes_a_forecaster() -> None:
    made = by_name(Settings(models=(*LEARNING, *NAIVE)), silent)
    assert list(made) == [*LEARNING, *NAIVE]
    assert all(isinstance(each, Forecaster) for each in made.values())


def test_the_three_baselines_are_always_there() -> None:
    assert set(by_name(Settings(models=("weekday",)), silent)) == {
        "weekday",
        "last",
        "drift",
        "logdrift",
    }


def test_settings_reach_the_forecaster() -> None:
    made = by_name(Settings(models=("gru",), inputs=Inputs(window=3)), silent)["gru"]
    assert (made.cell, made.inputs.window) == ("gru", 3)


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(SettingError, match=r"no model is named 'lsmt'; did you mean lstm\?"):
        by_name(Settings(models=("lsmt",)), silent)
    with pytest.raises(SettingError, match="models names none"):
        by_name(Settings(models=()), silent)


def test_baselines_never_load_torch() -> None:
    code = (
        "import sys; from forecast.forecasters.catalogue import by_name;"
        "from forecast.evaluation.walk_forward import walk_forward;"
        "from forecast.settings import Settings;"
        "by_name(Settings(models=('drift',)), print); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
