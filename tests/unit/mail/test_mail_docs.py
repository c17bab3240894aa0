"""docs/letters.md tells the truth: every kind, every field."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.states import LetterKind
from tasks.mail import contexts
from tasks.mail.contexts import CONTEXTS

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "letters.md"
SHARED = [contexts.Fact, contexts.Reason, contexts.Change, contexts.ResultLine, contexts.RectificationLine]


def section(kind: LetterKind) -> str:
    heading = f"### {kind.label} `{kind.value}`\n"
    text = DOCUMENT.read_text("utf-8")
    assert heading in text
    return text.split(heading)[1].split("\n### ")[0]


@pytest.mark.parametrize("kind", list(LetterKind))
def test_every_field_of_every_letter_is_documented_and_nothing_else(kind):
    rows = [line.split("|") for line in section(kind).splitlines() if line.startswith("| `")]
    written = {row[1].strip(" `"): row[3].strip() == "yes" for row in rows}
    fields = CONTEXTS[kind].model_fields
    assert written == {name: field.is_required() for name, field in fields.items()}
    assert all(row[4].strip() for row in rows)


@pytest.mark.parametrize("model", SHARED)
def test_shared_parts_are_documented(model):
    [row] = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith(f"| `{model.__name__}`")]
    assert all(f"`{name}`" in row for name in model.model_fields)
