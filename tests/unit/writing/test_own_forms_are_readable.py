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
from models.checks.approved import compare_approved
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


PLAN = ApprovedIndicator(
    level1="产出指标",
    level2="数量指标",
    name="维修渠道长度",
    operator=Operator.AT_LEAST,
    target="12",
    unit="公里",
    weight=Decimal(40),
)
GRADE = ApprovedIndicator(
    level1="效益指标",
    level2="社会效益指标",
    name="群众评价",
    operator=Operator.TEXT,
    target="优良中低差",
    weight=Decimal(50),
)
WORKBOOK = DepartmentWorkbookView(
    fiscal_year=2024,
    code="101",
    department="青禾县水务局",
    rubric=rubric_rows(samples.rules()),
    projects=(
        ApprovedProject(
            name="渠道维修项目", code="P240001", budget=Decimal("120.5"), goal="维修渠道。", indicators=(PLAN, GRADE)
        ),
        ApprovedProject(name="河道清淤"),
    ),
    approval="第1版，2025年3月8日导入",
    submit_by="2025年4月30日",
)


def test_a_filled_workbook_gives_every_fact_typed_into_it_and_raises_no_question(tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(write_department_workbook(WORKBOOK)))
    sheet, project = book["整体自评表"], book["项目1"]
    for row in range(4, 15):
        sheet.cell(row, 6).value = sheet.cell(row, 4).value
    typed = {
        "D6": 120.5,
        "E6": 118,
        "H6": 9.8,
        "I6": "结余收回",
        "G13": 11,
        "I13": 36,
        "J13": "汛期停工",
        "K13": "验收单",
    }
    typed |= {"G14": "良", "I14": 45, "B16": "基本完成", "B17": "工期偏紧。", "B18": "提前开工。"}
    for cell, value in typed.items():
        project[cell] = value
    facts = interpret(read(tmp_path / "自评.xlsx", samples.saved(book)))
    assert (facts.fiscal_year, facts.department, facts.questions) == ("2024", "青禾县水务局", ())
    claims = {line.level3: line.score for line in facts.rubric}
    assert claims == {r.label: r.maximum if r.claimed_by_department else None for r in samples.rules().rules}
    length, grade = facts.indicators
    assert (length.project, length.level1, length.level3) == ("渠道维修项目", "产出指标", "维修渠道长度")
    assert (length.operator, length.target, length.unit) == (Operator.AT_LEAST, 12, "公里")
    assert (length.actual, length.weight, length.score, length.reason) == (11, 40, 36, "汛期停工")
    assert (grade.operator, grade.target_text, grade.actual_text) == (Operator.TEXT, "优良中低差", "良")
    first, second = facts.projects
    assert (first.name, first.code, first.budget, first.adjusted) == (
        "渠道维修项目",
        "P240001",
        Decimal("120.5"),
        120.5,
    )
    assert (first.executed, first.execution_weight, first.execution_score) == (118, 10, Decimal("9.8"))
    assert (second.name, second.budget, second.executed, second.self_score) == ("河道清淤", None, None, None)
    assert [(p.project, p.text) for p in (*facts.problems, *facts.measures)] == [
        ("渠道维修项目", "工期偏紧。"),
        ("渠道维修项目", "提前开工。"),
    ]
    assert {one.code for one in compare_approved(facts, WORKBOOK.projects[:1])} == {"approved-agrees"}


def test_a_workbook_that_came_back_as_it_was_sent_claims_nothing(tmp_path: Path) -> None:
    facts = interpret(read(tmp_path / "空表.xlsx", write_department_workbook(WORKBOOK)))
    assert {line.score for line in facts.rubric} == {None} and facts.self_score is None
    assert {(line.actual, line.score) for line in facts.indicators} == {(None, None)}
    assert {(p.executed, p.execution_score, p.self_score) for p in facts.projects} == {(None, None, None)}


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
