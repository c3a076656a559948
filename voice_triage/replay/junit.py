"""Played scenarios as JUnit XML, which every CI server shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

_CONTROLS = {code: None for code in range(32) if chr(code) not in "\t\n"}
"""What XML can't hold."""


@dataclass(frozen=True)
class Case:
    """One scenario, told."""

    path: Path
    name: str
    took_s: float
    told: str
    """The conversation."""
    mismatches: tuple[str, ...] = ()
    error: str = ""
    """Why it couldn't be played."""


def write(cases: Sequence[Case], path: Path) -> None:
    """The cases as one suite. Raises OSError."""
    suite = Element(
        "testsuite",
        name="voice-triage replay",
        tests=str(len(cases)),
        failures=str(sum(bool(case.mismatches) for case in cases)),
        errors=str(sum(bool(case.error) for case in cases)),
        skipped="0",
        time=f"{sum(case.took_s for case in cases):.3f}",
    )
    for case in cases:
        element = SubElement(
            suite,
            "testcase",
            classname=_clean(str(case.path)),
            name=_clean(case.name),
            time=f"{case.took_s:.3f}",
        )
        if case.error:
            SubElement(element, "error", message=_clean(case.error))
        elif case.mismatches:
            failure = SubElement(element, "failure", message=_clean("; ".join(case.mismatches)))
            failure.text = _clean(case.told)
        else:
            SubElement(element, "system-out").text = _clean(case.told)
    whole = Element("testsuites")
    whole.append(suite)
    indent(whole)
    ElementTree(whole).write(path, "utf-8", xml_declaration=True)


def _clean(text: str) -> str:
    return text.translate(_CONTROLS)
