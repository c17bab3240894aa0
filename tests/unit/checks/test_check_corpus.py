"""The real reports: what is inconsistent is found, what is right is confirmed, rounding is never an error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared"
FINDINGS, FILES, SCORER = (
    SHARED / "corpus" / "findings",
    SHARED / "corpus" / "files",
    SHARED / "tools" / "score_findings.py",
)
LEAST_FOUND = 0.8

if not SCORER.exists():
    pytest.skip("the corpus of real reports is not on this machine", allow_module_level=True)

from models.checks import examine, title_of  # noqa: E402
from tasks.interpreting import interpret  # noqa: E402
from tasks.reading import read_file  # noqa: E402


def _examined(path: Path):
    document = read_file(path).documents[0]
    return examine(interpret(document), document)


@pytest.mark.parametrize("name", ["s000.docx", "s001.docx", "s004.docx", "s000.pdf", "s004.pdf"])
def test_hard_items_are_found_and_nothing_right_is_accused(name):
    findings = _examined(FILES / name)
    listed = FINDINGS / f"{name[:4]}.json"
    told = json.dumps([{"findings": [one.model_dump(mode="json") for one in findings]}], ensure_ascii=False)
    scored = subprocess.run(
        [sys.executable, str(SCORER), str(listed)], input=told, capture_output=True, text=True, check=True
    ).stdout
    tally = {
        word: tuple(map(int, counts.split("/")))
        for word, counts in (part.split() for part in scored.split(";")[0].split(", "))
    }
    found, of_all = tally["hard"]
    assert found / of_all >= LEAST_FOUND, scored
    assert tally.get("rounding", (0, 1))[0] == 0
    assert tally.get("ok", (0, 1))[0] == 0
    assert scored.split("matching nothing")[1].split()[0] in ("0", "1"), scored


@pytest.mark.parametrize("name", ["s002.docx", "s003.docx"])
def test_reports_without_a_list_raise_hardly_any_error(name):
    errors = [one for one in _examined(FILES / name) if one.severity.value == "error"]
    assert len(errors) <= 2, [one.message for one in errors]


def test_every_finding_quotes_a_place():
    for one in _examined(FILES / "s004.docx"):
        assert one.places, one.message
        assert title_of(one.code) != one.code
        assert all(place.quote and place.source.spoken() for place in one.places), one.message
