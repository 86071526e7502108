import math
from pathlib import Path

import pytest

from forecast.errors import SettingError
from forecast.evaluation.audit.imported import imported


def test_an_object_of_the_folder_is_found_by_a_dotted_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.path", ["/nowhere"])
    (tmp_path / "mine_own.py").write_text("class Mine:\n    quick = staticmethod(lambda: 3)\n")
    assert imported("mine_own:Mine.quick", tmp_path)() == 3
    assert imported("math:pi", tmp_path) == math.pi


@pytest.mark.parametrize(
    ("code", "name", "words"),
    [
        ("", "plain", "MODULE:NAME, as models:Mine; got 'plain'"),
        ("", "a b:c", "MODULE:NAME"),
        ("", "absent_one:x", "no module 'absent_one' in .*; name it without .py"),
        ("import no_such_thing", "broken_a:x", "needs the module 'no_such_thing'"),
        ("1 / 0", "broken_b:x", "raised ZeroDivisionError when it was imported: division"),
        ("def (", "broken_c:x", "raised SyntaxError"),
        ("exit(3)", "broken_d:x", "ended the program when it was imported"),
        ("Model = 1", "broken_e:Modle", "broken_e has no 'Modle'; did you mean Model"),
    ],
)
def test_a_name_that_leads_nowhere_says_why_in_a_line(
    code: str, name: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    if code:
        (tmp_path / f"{name.split(':')[0]}.py").write_text(code)
    with pytest.raises(SettingError, match=words):
        imported(name, tmp_path)
