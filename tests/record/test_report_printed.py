"""Reports as PDF and as QR code, read back by the libraries of others."""

import io
from typing import get_args

import numpy as np
import pypdf
import pypdfium2
import pytest
import weasyprint
import zxingcpp
from flows import flow_data, question
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import PHRASES, longest, made, shipped, states
from test_report import Words

from voice_triage.assemble import find_flow, flow_names
from voice_triage.flow import Flow, Reply, State, load
from voice_triage.record.report import Report
from voice_triage.record.report_html import html
from voice_triage.record.report_pdf import Paper, pdf
from voice_triage.record.report_qr import MOST_BYTES, MOST_VERSION, qr, qr_svg, qr_text
from voice_triage.record.report_text import text

EMERGENCY = State((("bladder-control", Reply.NO), ("leg-feeling", Reply.UNSURE)))


def read(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def words(content: bytes) -> list[str]:
    """What a search in the file finds, word by word, without its bullets."""
    pages = read(content).pages
    return [w for page in pages for w in page.extract_text().split() if w != "•"]


@settings(max_examples=12)
@given(st.data())
def test_a_pdf_says_word_for_word_what_the_page_says(data: st.DataObject) -> None:
    of = made(shipped(), data.draw(states(shipped())), data.draw(st.sampled_from(["", "no"])))
    page = Words(html(of, PHRASES)).text.split()
    title = PHRASES.title.format(title=of.title).split()
    assert page[: len(title)] == title  # the window's title, which isn't on the page
    assert words(pdf(of, PHRASES)) == _as_shown(of, page[len(title) :])


def _as_shown(of: Report, page: list[str]) -> list[str]:
    """The urgency is set in capitals."""
    urgency = PHRASES.urgency[of.urgency] + ":"
    at = page.index(urgency)
    return [*page[:at], urgency.upper(), *page[at + 1 :]]


def test_a_pdf_has_a_title_a_language_and_its_structure() -> None:
    root = read(pdf(made(shipped(), EMERGENCY), PHRASES))
    assert root.metadata is not None
    assert root.metadata.title == "Voice triage report: Back spasms"
    catalog = root.trailer["/Root"]
    assert catalog["/Lang"] == "en"
    assert catalog["/MarkInfo"]["/Marked"].value is True
    assert "/StructTreeRoot" in catalog


def test_a_pdf_has_its_fonts_in_it_and_they_show_every_letter() -> None:
    asks = question(
        "emergency",
        dict.fromkeys(Reply, "emergency"),
        ask="Żółć, straße, ça, čeština, Ελλάδα, русский?",
    )
    of = made(Flow.model_validate(flow_data({"q0": asks})), State())
    root = read(pdf(of, PHRASES))
    [page] = root.pages
    # A letter without a glyph comes out as another one, or as none.
    assert "Żółć, straße, ça, čeština, Ελλάδα, русский?" in page.extract_text()
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].get_object().values()]
    assert fonts
    for font in fonts:
        [inner] = [one.get_object() for one in font["/DescendantFonts"]]
        descriptor = inner["/FontDescriptor"].get_object()
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & descriptor.keys()
        assert "/ToUnicode" in font


@pytest.mark.parametrize("paper", get_args(Paper))
@pytest.mark.parametrize("name", flow_names())
def test_the_longest_conversations_fit_one_page(name: str, paper: Paper) -> None:
    flow = load(find_flow(name))
    for state in longest(flow):
        of = made(flow, state, "it is rather hard to say " * 9)
        [page] = read(pdf(of, PHRASES, paper)).pages
        inches = [float(side) / 72 for side in page.mediabox[2:]]
        assert inches == pytest.approx([8.27, 11.69] if paper == "a4" else [8.5, 11], abs=0.01)


def test_what_does_not_fit_one_page_goes_on_the_next_and_loses_nothing() -> None:
    asks = [
        question("urgent", dict.fromkeys(Reply, f"q{n + 1}" if n < 99 else "urgent"))
        for n in range(100)
    ]
    flow = Flow.model_validate(flow_data({f"q{n}": q for n, q in enumerate(asks)}))
    of = made(flow, State(tuple((name, Reply.YES) for name in flow.questions)))
    content = pdf(of, PHRASES)
    assert len(read(content).pages) > 1
    assert " ".join(words(content)).count("It is so") == 2 * 100 - 99  # each once, and one is why


def decoded(pixels: np.ndarray) -> bytes:  # type: ignore[type-arg]
    [found] = zxingcpp.read_barcodes(pixels)
    return bytes(found.bytes)


@settings(max_examples=25)
@given(st.data())
def test_a_qr_code_reads_back_as_the_text(data: st.DataObject) -> None:
    of = made(shipped(), data.draw(states(shipped())))
    code = qr(of, PHRASES)
    assert code.version <= MOST_VERSION
    assert code.error in ("L", "M")
    modules = np.array([list(row) for row in code.matrix_iter(scale=3, border=4)])
    pixels = np.where(modules == 1, 0, 255).astype(np.uint8)
    assert max(pixels.shape) <= 480, "it must fit a screen of 800x480"
    assert decoded(pixels).decode() == qr_text(of, PHRASES)


@pytest.mark.parametrize("state", longest(shipped()))
def test_the_svg_itself_reads_back(state: State) -> None:
    """Drawn as a browser would: WeasyPrint lays it out, PDFium makes the pixels."""
    of = made(shipped(), state)
    drawn = qr_svg(of, PHRASES)
    assert drawn.startswith("<svg")
    assert "script" not in drawn
    page = f"<style>@page{{size:120mm;margin:0}} svg{{width:120mm}}</style>{drawn}"
    document = pypdfium2.PdfDocument(weasyprint.HTML(string=page).write_pdf())
    pixels = document[0].render(scale=1.4, grayscale=True).to_numpy()
    document.close()
    assert max(pixels.shape) <= 480
    assert decoded(np.ascontiguousarray(pixels)).decode() == qr_text(of, PHRASES)


def test_other_letters_read_back_too() -> None:
    asks = question(
        "emergency", dict.fromkeys(Reply, "emergency"), ask="Żółć, straße, русский, 등?"
    )
    of = made(Flow.model_validate(flow_data({"q0": asks})), State())
    modules = np.array([list(row) for row in qr(of, PHRASES).matrix_iter(scale=3, border=4)])
    said = decoded(np.where(modules == 1, 0, 255).astype(np.uint8)).decode()
    assert said == qr_text(of, PHRASES)
    assert "Żółć, straße, русский, 등? (no answer)" in said


def test_the_most_bytes_are_what_that_version_holds() -> None:
    import segno

    full = segno.make_qr("x" * MOST_BYTES, error="l", encoding="utf-8", mode="byte")
    more = segno.make_qr("x" * (MOST_BYTES + 1), error="l", encoding="utf-8", mode="byte")
    assert (full.version, more.version) == (MOST_VERSION, MOST_VERSION + 1)


def test_the_plain_text_says_what_the_page_says() -> None:
    of = made(shipped(), EMERGENCY, "no")
    page = Words(html(of, PHRASES)).text
    for line in text(of, PHRASES).splitlines():
        assert line.removeprefix("- ").split(": ")[-1].removesuffix(":") in page
