"""A document with corrected values in their place (更正后的文本)."""

from __future__ import annotations

import pytest

from models.corrected_document import with_values
from models.document import Cell, Document, FileIdentity, Paragraph, Source, Table

CELL = Source(table=1, row=2, column=3)
TEXT = Source(page=1, paragraph=4)


def document(cell: str, text: str = "自评得分为24分。") -> Document:
    table = Table(
        number=1, rows=2, columns=3, cells=(Cell(row=2, column=3, text=cell, place=CELL),), place=Source(table=1)
    )
    identity = FileIdentity(name="报告.docx", sha256="0" * 64, format="docx")
    return Document(file=identity, blocks=(Paragraph(text=text, place=TEXT), table))


def texts(document: Document) -> list[str]:
    return [p.text for p in document.paragraphs()] + [c.text for t in document.tables() for c in t.cells]


@pytest.mark.parametrize(
    ("cell", "old", "new", "made"),
    [
        ("9", "9", "8.5", "8.5"),
        ("9.00", "9", "8.5", "8.5"),
        ("约9分", "9", "8.5", "约8.5分"),
        ("9.5", "9.50", "9", None),
        ("19", "9", "8.5", None),
        ("9.5", "9", "8.5", None),
        ("9和9", "9", "8.5", None),
        ("目标1", "目标1", "目标2", "目标2"),
    ],
)
def test_a_value_is_replaced_where_it_stands_once_and_whole(cell: str, old: str, new: str, made: str | None) -> None:
    told, left = with_values(document(cell), [(CELL, old, new)])
    assert texts(told)[1] == (made or cell)
    assert left == (() if made else (CELL,))


def test_a_paragraph_is_corrected_and_a_blank_is_not() -> None:
    told, left = with_values(document("9"), [(TEXT, "24", "42"), (CELL, "9", None), (None, "1", "2")])
    assert texts(told) == ["自评得分为42分。", "9"]
    assert left == (CELL,)


def test_a_place_that_is_not_there_is_left() -> None:
    other = Source(table=2, row=1, column=1)
    assert with_values(document("9"), [(other, "9", "8")]) == (document("9"), (other,))
