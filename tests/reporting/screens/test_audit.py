from forecast.evaluation.audit.audit import audit
from forecast.reporting.screens.audit import as_json, screen
from forecast.settings import Audit
from tests.evaluation.audit.leaky import LEAKY, clean
from tests.made import prices

QUICK = Audit(futures=3)
LEAKING = audit(LEAKY["trend fitted on all rows"][0], prices(150), QUICK)
HONEST = audit(clean, prices(150), QUICK)


def test_the_text_has_a_line_for_each_check_and_fits_a_terminal() -> None:
    lines = screen(LEAKING).splitlines()
    assert lines[0] == "detrended on TEST: 150 sessions, 2020-01-01 to 2020-07-28, 60 cutoffs"
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if line[0] != " "][1:-1] == [
        each.outcome for each in LEAKING.findings
    ]
    assert lines[-1].startswith("Failed: future")
    assert screen(HONEST).splitlines()[-1] == "No look-ahead found"


def test_json_has_the_suspicion_and_the_rows() -> None:
    told = as_json([HONEST, LEAKING])
    assert told["passed"] is False
    assert [each["passed"] for each in told["audits"]] == [True, False]
    future = told["audits"][1]["findings"][1]
    assert future["suspicion"] == "trend"
    assert future["cutoff"] < future["first_row"] <= future["last_row"]
    assert told["audits"][0]["findings"][1]["first_row"] is None
