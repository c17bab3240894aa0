"""What the house sends out to be filled in is understood when it comes back, through the house's own reader."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import docx
import writing_samples as samples
from openpyxl import load_workbook

from models.approved import ApprovedIndicator, ApprovedProject
from models.document import Document
from models.facts import Operator
from tasks.interpreting.interpret import interpret
from tasks.reading import read_file
from tasks.writing.department_workbook import (
    DepartmentWorkbookView,
    write_department_workbook,
)
from tasks.writing.letters import RectificationFormView, RectificationLine, write_rectification_form
from tasks.writing.notice import OutlineView, write_outline
from tasks.writing.rectification_form import rows_from_document
from tasks.writing.rubric import rubric_rows


def read(path: Path, content: bytes) -> Document:
    path.write_bytes(content)
    reading = read_file(path)
    assert reading.error is None, reading.error
    return reading.documents[0]


def test_a_filled_workbook_gives_the_scores_and_completions_typed_into_it(tmp_path: Path) -> None:
    plan = ApprovedIndicator(
        level1="产出指标",
        level2="数量指标",
        name="维修渠道长度",
        operator=Operator.AT_LEAST,
        target="12",
        unit="公里",
        weight=Decimal(40),
    )
    view = DepartmentWorkbookView(
        fiscal_year=2024,
        code="101",
        department="青禾县水务局",
        rubric=rubric_rows(samples.rules()),
        projects=(ApprovedProject(name="渠道维修项目", budget=Decimal("120.5"), indicators=(plan,)),),
    )
    book = load_workbook(io.BytesIO(write_department_workbook(view)))
    sheet, project = book["整体自评表"], book["项目1"]
    for row in range(4, 15):
        sheet.cell(row, 6).value = sheet.cell(row, 4).value
    project["E6"], project["H6"], project["G13"], project["I13"] = 118, 9.8, 13, 40
    facts = interpret(read(tmp_path / "自评.xlsx", samples.saved(book)))
    assert facts.fiscal_year == "2024" and facts.department == "青禾县水务局"
    claims = {line.level3: line.score for line in facts.rubric}
    assert claims == {r.label: r.maximum if r.claimed_by_department else None for r in samples.rules().rules}
    (line,) = facts.indicators
    assert (line.level3, line.target, line.actual, line.weight, line.score) == ("维修渠道长度", 12, 13, 40, 40)
    assert (facts.projects[0].budget, facts.projects[0].executed) == (Decimal("120.5"), 118)


def test_a_filled_outline_gives_the_rubric_scores_and_leaves_the_forbidden_line_blank(tmp_path: Path) -> None:
    view = OutlineView(
        bureau=samples.BUREAU, fiscal_year=2024, rubric=rubric_rows(samples.rules()), department="青禾县水务局"
    )
    document = docx.Document(io.BytesIO(write_outline(view)))
    table = document.tables[0]
    for number, rule in enumerate(samples.rules().rules, 1):
        if rule.claimed_by_department:
            table.rows[number].cells[5].text = "1.5"
    target = io.BytesIO()
    document.save(target)
    facts = interpret(read(tmp_path / "自评.docx", target.getvalue()))
    claims = {line.level3: line.score for line in facts.rubric}
    assert claims == {r.label: Decimal("1.5") if r.claimed_by_department else None for r in samples.rules().rules}
    assert facts.self_score is None


def test_a_filled_reply_form_gives_its_rows(tmp_path: Path) -> None:
    view = RectificationFormView(
        bureau=samples.BUREAU,
        fiscal_year=2024,
        code="101",
        department="青禾县水务局",
        items=tuple(RectificationLine(number=n, problem="目标没有量化", due_on=date(2025, 11, 20)) for n in (1, 2)),
    )
    document = docx.Document(io.BytesIO(write_rectification_form(view)))
    for row, words in ((1, "已完成"), (2, "正在整改")):
        for column, text in ((2, "逐项量化指标"), (3, "周一"), (5, words), (6, "目标表.pdf")):
            document.tables[0].rows[row].cells[column].text = text
    target = io.BytesIO()
    document.save(target)
    reply = rows_from_document(read(tmp_path / "整改.docx", target.getvalue()))
    assert reply.problems == ()
    assert [(line.number, line.due_on, line.done) for line in reply.lines] == [
        (1, date(2025, 11, 20), True),
        (2, date(2025, 11, 20), False),
    ]
