"""Lists of recordings, good and bad."""

from pathlib import Path

import pytest

from voice_triage.answers import Meaning
from voice_triage.errors import DocumentError, UsageError
from voice_triage.evaluate import manifest


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "answers.tsv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_tab_separated_list(tmp_path: Path) -> None:
    path = written(
        tmp_path, 'path\ttext\tanswer\tnoise\na.wav\tsay "no"\tNO\tfan.wav\nb/c.wav\t\t\t\n'
    )
    no, silence = manifest.read(path)
    assert no.name == "a.wav"
    assert no.path == tmp_path / "a.wav"
    assert no.text == 'say "no"'
    assert no.answer is Meaning.NO
    assert no.noise == tmp_path / "fan.wav"
    assert silence.path == tmp_path / "b" / "c.wav"
    assert (silence.text, silence.answer, silence.noise) == ("", None, None)


def test_a_comma_separated_list_as_spreadsheets_write_it(tmp_path: Path) -> None:
    path = written(tmp_path, b'\xef\xbb\xbfpath,text,age\r\n"/x/a, b.wav","no, wait",80\r\n')
    (recording,) = manifest.read(path)
    assert recording.path == Path("/x/a, b.wav")
    assert recording.text == "no, wait"
    assert recording.columns["age"] == "80"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", ":1: no column path and no column text"),
        ("path;text\na.wav;no\n", "separated by tabs or commas (it has: path;text)"),
        ("path\ttext\n", ":1: it names no recordings"),
        ("path\ttext\n\tyes\n", ":2: no path"),
        ("path,text\na.wav,yes\nb.wav,no,thanks\n", ":3: more fields"),
        ("path\ttext\na.wav\n", ":2: fewer fields"),
        ("path,text,answer\na.wav,aye,aye\n", ":2: unknown answer 'aye'; use one of yes, no"),
        ("path,text,answer\na.wav,,yes\n", ":2: the answer 'yes' without a text"),
        (b"path,text\na.wav,\xe9\n", ":2: not UTF-8"),
    ],
)
def test_a_list_that_is_none(tmp_path: Path, content: str | bytes, said: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(DocumentError) as caught:
        manifest.read(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_all_bad_lines_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        manifest.read(written(tmp_path, "path,text,answer\na,b,c\nd,yes,yes\n,x,\n"))
    assert [problem.line for problem in caught.value.problems] == [2, 4]


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        manifest.read(tmp_path / "none.tsv")


def test_splits_and_values(tmp_path: Path) -> None:
    path = written(tmp_path, "path,text,split\na,yes,dev\nb,no,train\nc,no,dev\n")
    recordings = manifest.read(path)
    assert [r.name for r in manifest.of_split(recordings, "dev")] == ["a", "c"]
    assert manifest.values(recordings, "split") == ["dev", "train"]
    with pytest.raises(UsageError, match=r"'test'.*dev, train"):
        manifest.of_split(recordings, "test")
    with pytest.raises(UsageError, match=r"no column 'age'.*path, text, split"):
        manifest.values(recordings, "age")
