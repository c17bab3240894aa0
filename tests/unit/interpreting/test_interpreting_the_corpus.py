"""The rebuilt real reports against their gold answers, through the real readers."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from tasks.interpreting import interpret

SHARED = Path(__file__).resolve().parents[3] / ".." / "shared"
GOLD = SHARED / "corpus" / "gold"


def scorer():
    spec = importlib.util.spec_from_file_location("score_reading", SHARED / "tools" / "score_reading.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["docx", "pdf", "doc"])
@pytest.mark.parametrize("name", ["s000", "s001", "s004"])
def test_a_real_report_is_read_as_a_careful_person_reads_it(name: str, suffix: str) -> None:
    file = SHARED / "corpus" / "files" / f"{name}.{suffix}"
    if not file.exists() or not GOLD.exists():
        pytest.skip("the corpus of real reports does not stand beside this project")
    from tasks.reading import read_file

    reading = read_file(file)
    facts = interpret(reading.documents[0])
    gold = json.loads((GOLD / f"{name}.json").read_text(encoding="utf-8"))
    found, total, misses, false_rows, _ = scorer().compare(gold, facts.model_dump(mode="json"))
    assert found / total >= 0.98, misses[:10]
    assert len(false_rows) <= 1, false_rows
