"""What a report says, in whatever form: every sign reported, and no denial that was none."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flows import any_flow, flow_data, question
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import AT, NUMBER, PHRASES, lists, made, shipped, states

from voice_triage.assemble import prompts
from voice_triage.errors import DocumentError, ReportError
from voice_triage.flow import Flow, Reply, Standing, State, Triage
from voice_triage.record.fhir import response
from voice_triage.record.report import RED_FLAGS, Report, report
from voice_triage.record.report_html import html
from voice_triage.record.report_phrases import load_report_phrases
from voice_triage.record.report_qr import MOST_BYTES, qr_text
from voice_triage.record.report_text import text


class Words(HTMLParser):
    """What a browser shows of a page; tags and attributes as they come."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.tags: list[str] = []
        self.attributes: dict[str, list[str | None]] = {}
        self._hidden = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._hidden = tag == "style"
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value)

    def handle_endtag(self, _tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.shown.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.shown).split())


def statement(flow: Flow, name: str) -> str:
    """What is reported by saying so."""
    asks = flow.questions[name]
    told: str = getattr(asks.readback, asks.sign)
    return told[0].upper() + told[1:]


def forms(of: Report) -> dict[str, str]:
    """What each form says before it says why, where the signs stand once more."""
    found = {"text": text(of, PHRASES), "html": Words(html(of, PHRASES)).text}
    found["qr"] = qr_text(of, PHRASES)
    return {form: content.split(PHRASES.why)[0] for form, content in found.items()}


@given(st.data())
def test_no_reported_sign_is_missing_from_any_form(data: st.DataObject) -> None:
    flow = shipped()
    state = data.draw(states(flow))
    reported = {q for q, reply in state.answered if reply == flow.questions[q].sign}
    reported |= set(state.volunteered)
    found = forms(made(flow, state, data.draw(st.sampled_from(["", "yes", "no " * 40]))))
    for name in reported:
        for form, content in found.items():
            assert statement(flow, name) in content, form
    kept: Any = response(flow, state, AT)
    answered = {item["linkId"]: item["answer"] for item in kept["item"]}
    for name in reported:
        assert answered[name][0]["valueCoding"]["code"] == flow.questions[name].sign


@given(st.data())
def test_nothing_unanswered_stands_among_the_denied(data: st.DataObject) -> None:
    flow = data.draw(st.one_of(st.just(shipped()), any_flow()))
    state = data.draw(states(flow))
    of = made(flow, state)
    given_ = dict(state.answered)
    for finding in of.denied:
        asks = flow.questions[finding.question]
        assert given_[finding.question] in (Reply.YES, Reply.NO)
        assert given_[finding.question] != asks.sign
        assert finding.question not in state.volunteered
    left = {f.question for f in of.not_ruled_out}
    for name, reply in given_.items():
        is_open = reply in (Reply.UNSURE, Reply.UNANSWERED) and name not in state.volunteered
        if is_open and flow.questions[name].urgency in RED_FLAGS:
            assert name in left
    current = Triage(flow).current(state)
    if current is not None:
        assert current not in {f.question for f in of.denied}
        assert not of.complete


@given(st.data())
def test_each_list_is_whole_and_stands_under_its_heading(data: st.DataObject) -> None:
    of = made(shipped(), data.draw(states(shipped())))
    for form in ("text", "html"):
        content = forms(of)[form]
        for name, found in lists(of).items():
            heading = getattr(PHRASES, name)
            if found:
                after = content[content.index(heading) + len(heading) :]
                places = [after.index(f.text) for f in found]
                others = [getattr(PHRASES, other) for other in lists(of) if other != name]
                ends = [after.index(other) for other in others if other in after]
                assert places == sorted(places)
                assert places[-1] < min(ends, default=len(after)), (form, name)


@given(st.data())
def test_each_answer_stands_in_one_list(data: st.DataObject) -> None:
    flow = data.draw(any_flow())
    state = data.draw(states(flow))
    listed = [f.question for found in lists(made(flow, state)).values() for f in found]
    assert len(listed) == len(set(listed))
    assert Triage(flow).known(state).keys() <= set(listed)


@given(st.data())
def test_what_is_never_left_out_of_a_qr_code(data: st.DataObject) -> None:
    flow = shipped()
    of = made(flow, data.draw(states(flow)))
    said = qr_text(of, PHRASES)
    assert len(said.encode()) <= MOST_BYTES
    lines = said.splitlines()
    assert lines[0] == f"{PHRASES.urgency[of.urgency]}: {of.results[0].now}"
    assert f"- {of.results[0].advice[0]}" in lines
    assert PHRASES.unreviewed in lines
    assert of.complete == (PHRASES.incomplete not in lines)
    # Half a list would seem whole.
    for heading, found in ((PHRASES.denied, of.denied), (PHRASES.not_ruled_out, of.not_ruled_out)):
        shown = [f.text in said for f in found]
        assert all(shown) or (f"{heading}:" not in lines and PHRASES.shortened in lines)
    whole = [line for line in text(of, PHRASES).splitlines() if line]
    if PHRASES.shortened in lines:
        assert len("\n".join(whole).encode()) > MOST_BYTES
    else:
        assert [line.removesuffix(f", {PHRASES.volunteered}") for line in whole] == lines


def test_what_it_says_of_itself() -> None:
    state = State((("bladder-control", Reply.NO),))
    told = text(made(shipped(), state), PHRASES)
    assert told.startswith("Emergency: Call 999 now")
    for line in (
        PHRASES.incomplete,
        PHRASES.unreviewed,
        PHRASES.no_diagnosis,
        "2026-01-02 03:04+05:30",
        "Emergency number: 999",
        "Questions: back_spasms, version 1",
        "Program: voice-triage 1.2.3",
    ):
        assert line in told.splitlines()
    assert f"Because: {PHRASES.because_not_asked}" in told
    review = shipped().review.model_copy(
        update={"status": "reviewed", "by": "Dr A, 123", "date": "2026-01-02"}
    )
    told = text(made(shipped().model_copy(update={"review": review}), state), PHRASES)
    assert "checked by Dr A, 123 on 2026-01-02" in told
    assert PHRASES.unreviewed not in told


def test_why_it_ended_so() -> None:
    triage, state = Triage(shipped()), State()
    for reply in [Reply.NO] * 7 + [Reply.UNSURE] + [Reply.NO] * 5:
        state = triage.answer(state, reply)
    of = made(shipped(), state)
    [result] = of.results
    assert [(f.question, f.standing) for f in result.because] == [("balance", Standing.UNSURE)]
    assert (
        "Because: Have you suddenly started to stumble, fall, or lose your balance? (not sure)"
        in (text(of, PHRASES))
    )
    routine = State(tuple((q, Reply.NO) for q in shipped().questions if q != "one-sided-moving"))
    assert PHRASES.because_of_nothing in text(made(shipped(), routine), PHRASES)


@pytest.mark.parametrize("sign", ["yes", "no"])
@pytest.mark.parametrize("reply", ["yes", "no"])
def test_a_statement_says_what_was_answered_whichever_answer_reports(sign: str, reply: str) -> None:
    edges = {"yes": "urgent", "no": "urgent", "unsure": "urgent", "unanswered": "urgent"}
    flow = Flow.model_validate(flow_data({"q0": question("urgent", edges, sign=sign)}))
    of = made(flow, State((("q0", Reply(reply)),)))
    [finding] = of.reported if sign == reply else of.denied
    assert finding.text == {"yes": "It is so", "no": "It is not so"}[reply]


HOSTILE = '<script>alert("1")</script>&amp;\ud800\x00\u202e\n<img src=x onerror=y>'


def test_hostile_text_stays_text() -> None:
    asks = question("emergency", dict.fromkeys(Reply, "emergency"))
    asks["ask"] = asks["readback"]["yes"] = '"><script src=//x.example></script>'
    data = flow_data({"q0": asks})
    data["title"] = "</title><script>alert(1)</script>"
    flow = Flow.model_validate(data)
    of = made(flow, State((("q0", Reply.YES),)), HOSTILE)
    page = html(of, PHRASES)
    read = Words(page)
    assert not {"script", "img", "link", "iframe"} & set(read.tags)
    assert not [
        name for name in read.attributes if name in ("src", "href", "style") or name[:2] == "on"
    ]
    assert '"><script src=//x.example></script>' in read.text
    page.encode()
    for content in (text(of, PHRASES), page):
        assert all(c.isprintable() or c == "\n" for c in content)


def test_the_page_needs_nothing_and_says_its_language() -> None:
    page = html(made(shipped(), State()), PHRASES)
    read = Words(page)
    assert read.attributes["lang"] == ["en"]
    assert [tag for tag in read.tags if tag in ("h1", "main", "title")] == ["title", "h1", "main"]
    for gone in ("http://", "https://", "url(", "@import", "<script"):
        assert gone not in page
    named = set(filter(None, read.attributes["id"]))
    assert set(read.attributes["aria-labelledby"]) == named


def test_what_does_not_fit_a_qr_code_is_refused_not_cut() -> None:
    asks = question("soon", {reply: {"reach": "soon", "then": "end"} for reply in Reply})
    asks["readback"] = {"yes": "it is so and so " * 37, "no": "it is not"}
    flow = Flow.model_validate(flow_data({f"q{n}": asks for n in range(3)}))
    state = Triage(flow).volunteer(State(), flow.questions)
    with pytest.raises(ReportError, match="no room for all that was reported"):
        qr_text(made(flow, state), PHRASES)


@settings(max_examples=30)
@given(st.text(max_size=200))
def test_what_was_heard_is_shown_in_one_line_and_not_at_length(words: str) -> None:
    of = report(shipped(), State(), AT, NUMBER, "1", {"bladder-control": words})
    [finding] = [f for f in of.not_ruled_out if f.question == "bladder-control"]
    assert len(finding.words) <= 30
    assert finding.words.isprintable()
    finding.words.encode()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{by} on", "{whom} on", "in braces may stand: {by} and {date}"),
        ("  urgent: Urgent\n", "", "no text for urgent; add it"),
        ("  unsure: not sure\n", "", "no text for unsure; add it"),
    ],
)
def test_a_broken_phrase_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    content = (prompts() / "report.en.yaml").read_text()
    assert old in content
    file = tmp_path / "report.yaml"
    file.write_text(content.replace(old, new))
    with pytest.raises(DocumentError) as raised:
        load_report_phrases(file)
    assert said in str(raised.value)
