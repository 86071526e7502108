import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.benchmarks import peers
from tests.benchmarks.record import AbsentError

SCRIPT = """
from answer import answer
answer("numpy", {"last": lambda table, rows: table["close"].to_numpy()[-rows:]})
"""


def test_without_a_folder_of_environments_no_peer_takes_part(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("FORECAST_PEERS", raising=False)
    with pytest.raises(AbsentError, match="FORECAST_PEERS names no folder"):
        peers.present()
    python = tmp_path / "darts" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setenv("FORECAST_PEERS", str(tmp_path))
    assert peers.present() == {"darts": python}


def test_a_peer_answers_from_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copy(peers.SCRIPTS / "answer.py", tmp_path)
    (tmp_path / "with_mine.py").write_text(SCRIPT)
    monkeypatch.setattr(peers, "SCRIPTS", tmp_path)
    days = pd.bdate_range("2024-01-01", periods=3, name="date")
    table = pd.DataFrame({"close": [1.0, 2.0, 3.0]}, index=days)
    told = peers.ask(Path(sys.executable), "mine", "last", table, {"rows": 2})
    assert told.forecasts.tolist() == [2.0, 3.0]
    with pytest.raises(RuntimeError, match=r"(?s)mine, none: .*KeyError"):
        peers.ask(Path(sys.executable), "mine", "none", table, {})
