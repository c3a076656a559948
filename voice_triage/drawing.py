"""`voice-triage graph`: a flow, and if you like a session's path through it, drawn into a file."""

from __future__ import annotations

from pathlib import Path

from voice_triage import assemble
from voice_triage.errors import UsageError
from voice_triage.flow import draw
from voice_triage.flow.page import page
from voice_triage.session import state_of

_KINDS = (".svg", ".png", ".mmd", ".html")


def graph(name: str | None, out: Path, session: Path | None) -> None:
    """Draw flow `name` into `out`, whose ending says how. Raises UsageError when it can't be
    written or Graphviz is missing, DocumentError for a bad flow, JournalError for a bad session."""
    if out.suffix not in _KINDS:
        kinds = ", ".join(_KINDS)
        raise UsageError(f"{out}: a picture's name ends in one of {kinds}. Choose one with -o.")
    script = assemble.script(name, None)
    state = None if session is None else state_of(session, script)
    drawn = draw.picture(script.flow, state)
    match out.suffix:
        case ".mmd":
            content = draw.mermaid(drawn).encode()
        case ".html":
            content = page(script.flow, drawn, _laid_out(drawn, "svg").decode()).encode()
        case kind:
            content = _laid_out(drawn, kind[1:])
    try:
        out.write_bytes(content)
    except OSError as error:
        raise UsageError(
            f"{out}: can't be written: {error.strerror}. Choose another file with -o."
        ) from None


def _laid_out(drawn: draw.Picture, kind: str) -> bytes:
    remedy = (
        "Install both: sudo apt-get install graphviz, and pip install 'voice-triage[graph]'; or"
        " write a .mmd file, which needs neither."
    )
    try:
        import graphviz
    except ImportError:
        raise UsageError(f"The Python package graphviz is not there. {remedy}") from None
    try:
        made: bytes = graphviz.Source(draw.dot(drawn)).pipe(format=kind)
    except graphviz.ExecutableNotFound:
        raise UsageError(f"The program dot, of Graphviz, is not there. {remedy}") from None
    return made
