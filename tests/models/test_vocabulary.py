"""The words of a model, read from OpenFst's files without Vosk; strange files end in words."""

import contextlib
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voice_triage import models
from voice_triage.errors import ModelError
from voice_triage.models import fst, wholes

GRAMMAR = models.find() / "graph" / "Gr.fst"
LEXICON = models.find() / "graph" / "HCLr.fst"


def test_embedded_model_knows_yes_and_no() -> None:
    words = models.vocabulary(models.find())
    assert {"yes", "no", "sure", "don't"} <= words
    assert not {"[unk]", "<eps>", "#0", ""} & words


def test_a_phrase_that_is_one_word_is_no_word_of_its_own() -> None:
    known = frozenset({"no", "it", "isn't", "no_it_isn't", "snake_case"}).__contains__
    assert wholes.whole("no  it isn't") == "no_it_isn't"
    assert wholes.is_whole("no_it_isn't", known)
    assert not wholes.is_whole("snake_case", known), "a stock model's own spelling"
    assert not wholes.is_whole("no", known)
    listed = fst.words(GRAMMAR)
    assert listed is not None
    assert "no_it_isn't" in listed
    assert not any("_" in word for word in models.vocabulary(models.find()))


def without_table(data: bytes) -> bytes:
    """A const FST without its table of output symbols."""
    head = fst._header(data, 0)  # noqa: SLF001 - to build the counterpart of a real file
    assert head.symbols is not None
    at = data.index(b"standard") + len(b"standard") + 4
    return data[:at] + struct.pack("<i", 0) + data[at + 4 : head.symbols] + data[head.end :]


def test_words_txt_serves_where_the_graph_has_no_table(model: Path) -> None:
    listed = fst.words(model / "graph" / "Gr.fst")
    assert listed is not None
    (model / "graph" / "Gr.fst").write_bytes(without_table(GRAMMAR.read_bytes()))
    with pytest.raises(ModelError, match=r"no table of words"):
        models.vocabulary(model)
    table = "".join(f"{word} {number}\n" for number, word in enumerate(listed))
    (model / "graph" / "words.txt").write_text(table)
    assert models.vocabulary(model) == models.vocabulary(models.find())
    assert models.verify(model) == []
    (model / "graph" / "words.txt").write_text("yes 1\nno\n")
    with pytest.raises(ModelError, match=r"words\.txt:2: not a word and its number"):
        models.vocabulary(model)


def test_table_in_the_graph_wins_as_it_does_in_vosk(model: Path) -> None:
    (model / "graph" / "words.txt").write_text("zebra 1\n")
    assert "zebra" not in models.vocabulary(model)
    assert models.verify(model) == []


@pytest.mark.parametrize("path", [GRAMMAR, LEXICON])
def test_every_cut_is_noticed(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    assert fst.damage(path) is None
    cut = tmp_path / "cut.fst"
    # Closer where the headers and the words are than in what follows, which is all alike.
    for size in (*range(0, 4_000, 97), *range(4_000, len(whole), len(whole) // 500)):
        cut.write_bytes(whole[:size])
        assert fst.damage(cut)


@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
@given(
    st.sampled_from([GRAMMAR, LEXICON]),
    st.lists(st.tuples(st.integers(0, 500), st.binary(min_size=1, max_size=8)), max_size=4),
    st.integers(0, 100_000),
)
def test_damage_never_ends_in_a_traceback(
    tmp_path: Path, path: Path, patches: list[tuple[int, bytes]], size: int
) -> None:
    data = bytearray(path.read_bytes())
    for at, patch in patches:
        data[at : at + len(patch)] = patch
    broken = tmp_path / "broken.fst"
    broken.write_bytes(bytes(data[:size]))
    fst.damage(broken)
    with contextlib.suppress(ModelError):
        fst.words(broken)


def test_claimed_sizes_cost_nothing(tmp_path: Path) -> None:
    """A count of 2**62 must not become a list of that length."""
    data = bytearray(GRAMMAR.read_bytes())
    start = fst._header(bytes(data), 0).symbols  # noqa: SLF001 - as above
    assert start is not None
    (length,) = struct.unpack_from("<i", data, start + 4)
    struct.pack_into("<q", data, start + 8 + length + 8, 2**62)
    broken = tmp_path / "broken.fst"
    broken.write_bytes(data)
    with pytest.raises(ModelError, match="not all of its"):
        fst.words(broken)
