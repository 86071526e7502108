import pandas as pd
import pytest

from forecast.evaluation.audit.findings import Finding
from forecast.forecasters.naive import Drift
from forecast.settings import Audit
from forecast.testing import check_forecaster
from tests.evaluation.audit.leaky import LEAKY
from tests.made import prices


def test_an_honest_forecaster_passes_in_silence() -> None:
    check_forecaster(Drift(), prices(150), Audit(futures=3))
    check_forecaster(Drift)


def test_a_leak_is_an_assertion_that_names_it_and_its_first_row() -> None:
    leaky, _ = LEAKY["target in its own window"]
    with pytest.raises(AssertionError, match="off_by_one, future: ") as caught:
        check_forecaster(leaky, prices(150), Audit(futures=3))
    lines = str(caught.value).splitlines()
    assert "a window or a shift off by one" in lines[0]
    assert "(1 ahead)" in lines[0]


def test_a_table_will_do() -> None:
    def last(history: pd.DataFrame) -> float:
        return float(history["close"].iloc[-1])

    check_forecaster(last, prices(100).table[["close"]])
    assert Finding(check="future", outcome="passed", sentence="").suspicion == ""
