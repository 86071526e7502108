"""From pairs to translations, with the usual tutorial's four Korean-English pairs."""

import json
import math
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast import translation
from forecast.errors import CheckpointError, DataError, OutputError
from forecast.reporting.folder import redraw
from forecast.settings import AttentionKind, CellKind, Compute
from forecast.training import loop
from forecast.training.checkpoint import Checkpoint, load, save
from forecast.training.course import Snapshot
from forecast.translation import (
    Learning,
    TranslatorKind,
    TranslatorSettings,
    TranslatorTraining,
)
from forecast.translators.translator import restore

FOUR = translation.read("korean")
QUICK = TranslatorTraining(epochs=60, learning_rate=0.02, dropout=0.0, smoothing=0.0)
SMALL = TranslatorKind(hidden=24, embedding=24)
SETTINGS = TranslatorSettings(kind=SMALL, training=QUICK)
ATTENTIONS: list[AttentionKind] = ["luong", "bahdanau", "none"]


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_the_four_pairs_are_learned_by_every_attention(
    cell: CellKind, attention: AttentionKind
) -> None:
    kind = replace(SMALL, cell=cell, attention=attention)
    how = replace(QUICK, epochs=150 if attention == "none" else 60)
    made = translation.fit(FOUR, TranslatorSettings(kind=kind, training=how)).translator
    assert made.translate(FOUR.sources) == list(FOUR.targets)
    assert made.translate(FOUR.sources, beam=1) == list(FOUR.targets)


@pytest.mark.parametrize("backend", ["fused", "unrolled"])
def test_every_backend_learns_them(backend) -> None:
    how = Learning(compute=Compute(backend=backend))
    made = translation.fit(FOUR, SETTINGS, how).translator
    assert made.translate(FOUR.sources) == list(FOUR.targets)


def test_half_of_the_batches_may_be_written_without_a_teacher() -> None:
    how = replace(QUICK, teaching=0.5, epochs=120)
    made = translation.fit(FOUR, replace(SETTINGS, training=how)).translator
    assert made.translate(FOUR.sources) == list(FOUR.targets)


def test_characters_are_learned_too_and_unknown_ones_are_survived() -> None:
    settings = replace(
        SETTINGS, kind=replace(SMALL, level="char", hidden=32), training=replace(QUICK, epochs=80)
    )
    made = translation.fit(FOUR, settings).translator
    assert made.translate(FOUR.sources) == list(FOUR.targets)
    assert made.translate(["Gö.", "", " "])[1:] == ["", ""]


def test_longer_pairs_are_left_out_and_it_is_said() -> None:
    kind = replace(SMALL, longest=5)
    result = translation.fit(FOUR, replace(SETTINGS, kind=kind, training=replace(QUICK, epochs=1)))
    assert result.scores()["too_long"] == 2
    with pytest.raises(DataError, match=r"none of 4 pairs has at most 1 tokens"):
        translation.fit(FOUR, replace(SETTINGS, kind=replace(SMALL, longest=1)))


def test_a_result_folder_holds_the_translator_and_what_was_looked_at(tmp_path: Path) -> None:
    result = translation.fit(FOUR, SETTINGS)
    place = result.report(tmp_path)
    assert place == tmp_path / "translate" / "korean"
    names = {"settings.json", "scores.json", "written.json", "learning.csv", "report.html"}
    names |= {"learning.png", "attention.png", "runs"}
    assert names | {"model.safetensors", "resume.safetensors"} == {p.name for p in place.iterdir()}
    made = translation.open_translator(out=tmp_path)
    assert made.translate(FOUR.sources) == list(FOUR.targets)
    assert json.loads((place / "scores.json").read_text())["scores"]["pairs"] == 4
    written = json.loads((place / "written.json").read_text(encoding="utf-8"))
    assert ["I feel hungry.", "나는 배가 고프다.", "나는 배가 고프다."] in written["examples"]
    assert "나는 배가 고프다." in result._repr_html_()


def test_the_same_pairs_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = (
        translation.fit(FOUR, SETTINGS).report(tmp_path / name) for name in ("one", "two")
    )
    for path in first.glob("*.*"):
        if path.name != "resume.safetensors":  # knows how long learning took
            assert path.read_bytes() == (second / path.name).read_bytes(), path.name


def test_attention_is_a_share_of_every_source_token() -> None:
    look = translation.fit(FOUR, SETTINGS).translator.look(FOUR.sources[0], FOUR.targets[0])
    assert look is not None
    assert look.source == ("I", "feel", "hungry", ".", "(end)")
    assert look.target == ("나는", "배가", "고프다", ".", "(end)")
    np.testing.assert_allclose(look.shares.sum(axis=1), 1.0, rtol=1e-5)


def test_learning_stops_when_asked_and_goes_on(tmp_path: Path) -> None:
    asked = iter([False] * 40 + [True] * 1000)
    tmp_path.joinpath("translate", "korean").mkdir(parents=True)
    how = translation.going_on(FOUR, SETTINGS, tmp_path)
    how = replace(how, stopping=lambda: nullcontext(lambda: next(asked)))
    stopped = translation.fit(FOUR, SETTINGS, how)
    assert 0 < stopped.curves.best[0] < 60
    place = stopped.report(tmp_path)
    assert not (place / "report.html").exists()
    redraw(place)
    assert b"Learning was stopped after" in (place / "report.html").read_bytes()
    assert translation.open_translator(place).translate(FOUR.sources[:1])
    resumed = translation.fit(FOUR, SETTINGS, translation.going_on(FOUR, SETTINGS, tmp_path))
    assert resumed.curves.last.epoch == 60
    assert resumed.translator.translate(FOUR.sources) == list(FOUR.targets)


def test_what_was_kept_goes_on_to_the_very_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "KEEPING", math.inf)
    how = replace(QUICK, epochs=6, dropout=0.3, teaching=0.5, batch=2)
    settings = replace(SETTINGS, training=how)
    kept = translation.going_on(FOUR, settings, tmp_path, resume=False).keep
    tmp_path.joinpath("translate", "korean").mkdir(parents=True)

    def until_killed(snapshot: Snapshot) -> None:
        if snapshot.epoch == 4:
            raise KeyboardInterrupt
        kept(snapshot)

    with pytest.raises(KeyboardInterrupt):
        translation.fit(FOUR, settings, Learning(keep=until_killed))
    how = translation.going_on(FOUR, settings, tmp_path)
    assert how.start is not None
    assert how.start.epoch == 3
    both = (translation.fit(FOUR, settings, each) for each in (how, Learning()))
    rest, whole = (each.translator.checkpoint().weights for each in both)
    assert all(rest[name].tobytes() == weight.tobytes() for name, weight in whole.items())


@pytest.mark.parametrize("side", ["reads", "writes"])
@pytest.mark.parametrize(("part", "kept"), [("tokens", 3), ("specials", 2)])
def test_a_vocabulary_that_is_not_the_network_s_is_refused(side: str, part: str, kept: int) -> None:
    brief = replace(SETTINGS, training=replace(QUICK, epochs=1))
    saved = translation.fit(FOUR, brief).translator.checkpoint()
    told = {**saved.about[side], part: saved.about[side][part][:kept]}
    with pytest.raises(CheckpointError, match="vocabularies are not those of its network"):
        restore(Checkpoint(saved.weights, {**saved.about, side: told}))


def test_only_the_same_pairs_and_settings_go_on(tmp_path: Path) -> None:
    brief = replace(SETTINGS, training=replace(QUICK, epochs=1))
    assert translation.going_on(FOUR, brief, tmp_path).start is None
    translation.fit(FOUR, brief).report(tmp_path)
    with pytest.raises(CheckpointError, match="is of other data"):
        translation.going_on(FOUR.swapped(), brief, tmp_path)
    other = replace(brief, kind=replace(SMALL, hidden=8))
    with pytest.raises(CheckpointError, match="with another hidden;"):
        translation.going_on(FOUR, other, tmp_path)
    assert translation.going_on(FOUR, SETTINGS, tmp_path).start is not None


def test_another_kind_of_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="run forecast translate fit first"):
        translation.open_translator(out=tmp_path)
    brief = replace(SETTINGS, training=replace(QUICK, epochs=1))
    place = translation.fit(FOUR, brief).report(tmp_path) / "model.safetensors"
    saved = load(place)
    save(place, replace(saved, about={**saved.about, "kind": "text"}))
    with pytest.raises(CheckpointError, match="is no translator but 'text'"):
        translation.open_translator(out=tmp_path)
    save(place, replace(saved, about={"kind": "translator"}))
    with pytest.raises(CheckpointError, match="not one that this version can make"):
        translation.open_translator(out=tmp_path)


def test_bleu_of_what_is_known_by_heart_is_100() -> None:
    pytest.importorskip("sacrebleu")
    made = translation.fit(FOUR, SETTINGS).translator
    found = translation.score(made, FOUR)
    assert found.bleu == pytest.approx(100.0)
    assert found.chrf == pytest.approx(100.0)
