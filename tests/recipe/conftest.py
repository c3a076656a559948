"""A model of two words, quickly made."""

from pathlib import Path

import pytest
import torch
from recipe import export, graph
from recipe.network import Network
from recipe.words import PHONES

SAID = {"yes": [("Y", "EH", "S")], "no": [("N", "OW")]}


class TinyGraph:
    """Writes whole model folders of networks with six layers."""

    def network_that_hears(self, word: str) -> Network:
        """Its outputs say the phones of `word` whatever it is given."""
        torch.manual_seed(1)
        network = Network(len(PHONES) + 1, 6).eval()
        with torch.no_grad():
            network.output.weight.zero_()
            network.output.bias.fill_(-4.0)
            for phone in SAID[word][0]:
                network.output.bias[PHONES.index(phone) + 1] = 4.0
        return network

    def model(self, folder: Path, network: Network) -> Path:
        stay = export.stays(0.9, 0.6)
        outputs = len(PHONES) + 1
        path = folder / "am" / "final.mdl"
        export.acoustic_model(path, network, torch.full((outputs,), 1 / outputs), stay)
        export.configuration(
            folder,
            {"frame-subsampling-factor": 3, "acoustic-scale": 1.0, "endpoint.silence-phones": 1},
        )
        language = graph.Language(SAID, [], ["no yes"], ["yes", "no", "no yes"])
        phones = sorted(export.outputs())
        transitions = {phone: (2 * i + 1, 2 * i + 2) for i, phone in enumerate(phones)}
        graph.build(
            folder, folder / "work", language, transitions, stay, graph.Costs(0.5, 0.0, 2.0, 0.2)
        )
        return folder


@pytest.fixture
def tiny_graph() -> TinyGraph:
    return TinyGraph()
