import itertools
import json
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from forecast import text, translation
from forecast.errors import CheckpointError, SettingError
from forecast.features.vocabulary import Vocabulary, learn
from forecast.forecasters.recurrent import Recurrent
from forecast.text_settings import Level
from forecast.training import checkpoint
from forecast.training.checkpoint import Checkpoint, load, save
from tests.made import table

MODEL = Checkpoint({"head_bias": np.arange(4, dtype="float32")}, {"cell": "lstm", "window": 7})


def test_a_model_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    save(tmp_path / "model.safetensors", MODEL)
    found = load(tmp_path / "model.safetensors")
    assert found.about["window"] == 7
    np.testing.assert_array_equal(found.weights["head_bias"], MODEL.weights["head_bias"])


def test_a_model_that_another_process_replaces_is_read_old_or_new(tmp_path: Path) -> None:
    path, done = tmp_path / "model.safetensors", threading.Event()
    larger = Checkpoint({"head_bias": np.zeros(5, dtype="float32")}, {"window": 30})
    save(path, MODEL)

    def replace() -> None:
        for each in [larger, MODEL] * 50:
            save(path, each)
        done.set()

    writer = threading.Thread(target=replace)
    writer.start()
    try:
        while not done.is_set():
            assert load(path).about["window"] in (7, 30)
    finally:
        writer.join()


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    save(tmp_path / "a", MODEL)
    save(tmp_path / "b", Checkpoint(MODEL.weights, dict(reversed(MODEL.about.items()))))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_any_flipped_byte_is_noticed(tmp_path: Path) -> None:
    save(tmp_path / "model", MODEL)
    whole = (tmp_path / "model").read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        (tmp_path / "model").write_bytes(damaged)
        try:
            about = load(tmp_path / "model").about
        except CheckpointError:
            continue
        pytest.fail(f"byte {place} was flipped and not noticed: {about}")


@pytest.mark.parametrize(
    "content",
    [b"", b"text", b"\x80\x04\x95.", b"\xff" * 8, b"PK\x03\x04" + bytes(100), b"\x00" * 8],
    ids=["empty", "text", "pickle", "huge header", "zip", "zeros"],
)
def test_foreign_files_are_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model").write_bytes(content)
    with pytest.raises(CheckpointError, match="is not a saved forecast model") as error:
        load(tmp_path / "model")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "told",
    [b"[]", b"[0]", b"[0,1,2]", b"null", b'"ab"', b'[0,"1"]', b"[0,null]", b"{}", b"[0,1e400]"],
)
def test_offsets_that_are_none_are_refused(tmp_path: Path, told: bytes) -> None:
    header = b'{"__metadata__":{"forecast":"{}"},"w":{"dtype":"F32","shape":[1],"data_offsets":'
    header += told + b"}}"
    (tmp_path / "model").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    with pytest.raises(CheckpointError, match="is not a saved forecast model"):
        load(tmp_path / "model")


def test_a_large_file_that_is_no_model_is_refused_by_its_header(tmp_path: Path) -> None:
    save(tmp_path / "model", MODEL)
    whole = (tmp_path / "model").read_bytes()
    with (tmp_path / "model").open("r+b") as file:
        file.truncate(200 * 2**20)
    tracemalloc.start()
    with pytest.raises(
        CheckpointError, match=f"209,715,200 bytes; its header tells of {len(whole)}"
    ):
        load(tmp_path / "model")
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_more_arrays_than_a_model_has_are_refused_before_they_are_made(tmp_path: Path) -> None:
    many = {f"{at}": np.zeros(1, "float32") for at in range(12)}
    save(tmp_path / "model", Checkpoint(many, {}))
    with pytest.raises(CheckpointError, match="it holds more than 11 arrays"):
        load(tmp_path / "model", arrays=11)


@pytest.mark.parametrize(
    "about",
    [
        {"names": [f"{at}" for at in range(300_000)]},
        {"names": {f"{at}": at for at in range(300_000)}},
        {"names": [[] for _ in range(300_000)]},
        {"name": "x" * 3_000_000},
    ],
    ids=["list", "object", "nested", "long"],
)
def test_a_description_that_no_such_arrays_need_is_refused_unread(
    tmp_path: Path, about: dict[str, object]
) -> None:
    save(tmp_path / "model", Checkpoint(MODEL.weights, about))
    size = (tmp_path / "model").stat().st_size
    tracemalloc.start()
    with pytest.raises(CheckpointError, match="bytes; its arrays have 4 rows"):
        load(tmp_path / "model")
    assert tracemalloc.get_traced_memory()[1] < 4 * size
    tracemalloc.stop()


@pytest.mark.parametrize("level", ["word", "bpe"])
def test_the_smallest_network_may_have_a_large_vocabulary(tmp_path: Path, level: Level) -> None:
    if level == "bpe":
        pytest.importorskip("tokenizers")
    text = " ".join("".join(word) for word in itertools.product("가나다라마바사", repeat=5))
    vocabulary = learn([text], level, most=5000)
    assert len(vocabulary) == 5000
    table = {"source_table": np.zeros((1, len(vocabulary), 1), "float32")}
    save(tmp_path / "model", Checkpoint(table, {"reads": vocabulary.as_json()}))
    found = Vocabulary.from_json(load(tmp_path / "model").about["reads"])
    assert found == vocabulary


def test_weights_of_another_kind_of_number_are_refused() -> None:
    with pytest.raises(CheckpointError, match="head is of float64; a weight is of float32"):
        Checkpoint({"head": np.zeros(3)}, {}).require({})


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="make one with: forecast fit"):
        load(tmp_path / "model")


def _resaved(about: str) -> bytes:
    return save_arrays(dict(MODEL.weights), metadata={"forecast": about})


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ('{"format": 2}', "has format 2; this version reads format 1"),
        ('{"format": 1}', "its checksum is another"),
        ('{"format": 1, "format": 1}', "a key comes twice"),
        ('{"format": NaN}', "NaN is no JSON number"),
        ('{"format": 1, "share": 1e999}', "1e999 is no JSON number"),
        ("[]", "it begins with no description of ours"),
    ],
)
def test_a_description_that_is_off_is_refused(tmp_path: Path, about: str, reason: str) -> None:
    (tmp_path / "model").write_bytes(_resaved(about))
    with pytest.raises(CheckpointError, match=reason):
        load(tmp_path / "model")


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    save(tmp_path / "model", Checkpoint({"w": np.array([np.nan], dtype="float32")}, {}))
    with pytest.raises(CheckpointError, match="a weight is no finite number"):
        load(tmp_path / "model")


def test_plain_safetensors_reads_the_weights_and_the_description(tmp_path: Path) -> None:
    save(tmp_path / "model", MODEL)
    data = (tmp_path / "model").read_bytes()
    assert list(load_arrays(data)) == ["head_bias"]
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    assert json.loads(header["__metadata__"]["forecast"])["cell"] == "lstm"


@pytest.mark.parametrize(
    "shapes", [{"head_bias": (99,)}, {"nothing": (1,)}, {"head_bias": (1,) * 9}]
)
def test_weights_of_another_shape_are_refused_before_a_network_is_made(
    shapes: dict[str, tuple[int, ...]],
) -> None:
    MODEL.require({"head_bias": MODEL.weights["head_bias"].shape[-1:]})
    with pytest.raises(CheckpointError, match="the description needs"):
        MODEL.require(shapes)


def test_what_is_kept_to_go_on_may_be_larger_than_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "LARGEST", 100)
    save(tmp_path / "large", Checkpoint({"weight": np.zeros(50, "float32")}, {}))
    with pytest.raises(CheckpointError, match="more than 100 bytes"):
        load(tmp_path / "large")
    assert load(tmp_path / "large", kept=True).weights["weight"].shape == (50,)


@pytest.mark.parametrize(
    "learned",
    [
        lambda: Recurrent().fit_many([table(60)], 1),
        lambda: text.fit(text.Corpus.of("hihello " * 20)),
        lambda: translation.fit(translation.read("korean")),
    ],
    ids=["prices", "text", "translator"],
)
def test_a_model_too_large_to_be_read_back_learns_nothing(
    learned: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "LARGEST", checkpoint.LARGEST_HEADER + 1000)
    for kind in ("language", "seq2seq"):  # whose weights are not even drawn
        monkeypatch.setattr(f"forecast.models.{kind}.initial", None)
    with pytest.raises(SettingError, match="a saved model has at most 250 weights"):
        learned()
