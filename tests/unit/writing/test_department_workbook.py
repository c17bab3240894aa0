"""The department's own workbook."""

from __future__ import annotations

import io
from decimal import Decimal

import writing_samples as samples
from openpyxl import load_workbook

from models.approved import ApprovedIndicator, ApprovedProject
from models.facts import Operator
from tasks.writing.department_workbook import (
    DepartmentWorkbookView,
    department_mark,
    fingerprint_of,
    write_department_workbook,
)
from tasks.writing.rubric import rubric_rows

PLAN = ApprovedIndicator(
    level1="产出指标",
    level2="数量指标",
    name="=维修渠道长度",
    operator=Operator.AT_LEAST,
    target="12",
    unit="公里",
    weight=Decimal(40),
)
VIEW = DepartmentWorkbookView(
    fiscal_year=2024,
    code="101",
    department="青禾县水务局",
    version=2,
    max_claim=Decimal(90),
    rubric=rubric_rows(samples.rules()),
    projects=(ApprovedProject(name="渠道维修项目", code="P01", budget=Decimal("120.5"), indicators=(PLAN,)),),
)


def test_it_carries_year_department_and_version() -> None:
    content = write_department_workbook(VIEW)
    assert fingerprint_of(content) == str(department_mark(VIEW))
    assert department_mark(VIEW)[1:] == (2024, "101", 2)


def test_the_line_the_department_must_leave_blank_is_locked_and_says_so() -> None:
    sheet = load_workbook(io.BytesIO(write_department_workbook(VIEW)))["整体自评表"]
    rows = {sheet.cell(row, 3).value: row for row in range(4, 16)}
    forbidden = sheet.cell(rows["自评准确"], 6)
    assert forbidden.value == "不填" and forbidden.protection.locked
    open_cell = sheet.cell(rows["目标实现"], 6)
    assert open_cell.value is None and not open_cell.protection.locked
    assert sheet.protection.sheet


def test_approved_targets_and_budgets_are_printed_and_locked_completion_is_open() -> None:
    sheet = load_workbook(io.BytesIO(write_department_workbook(VIEW)))["项目1"]
    assert (sheet["C2"].value, sheet["K2"].value) == ("渠道维修项目", "P01")
    assert sheet["C6"].value == 120.5 and sheet["C6"].protection.locked
    assert [sheet.cell(13, column).value for column in range(3, 9)] == ["=维修渠道长度", "≥", 12, "公里", None, 40]
    assert sheet["C13"].data_type == "s" and sheet["C13"].protection.locked
    assert not sheet["G13"].protection.locked
    assert sheet["A14"].value == "合计", "approved indicators are all there are"
    assert {validation.type for validation in sheet.data_validations.dataValidation} == {"decimal"}


def test_without_an_approval_the_cells_are_open_and_the_instructions_say_so() -> None:
    bare = VIEW.model_copy(update={"projects": (ApprovedProject(name="渠道维修项目"),)})
    book = load_workbook(io.BytesIO(write_department_workbook(bare)))
    sheet = book["项目1"]
    assert not sheet["C6"].protection.locked and not sheet["E13"].protection.locked
    assert "list" in {validation.type for validation in sheet.data_validations.dataValidation}
    help_text = "\n".join(str(cell.value) for (cell,) in book["填报说明"].iter_rows(max_col=1))
    assert "已填好贵单位1个项目的名称；我局尚无可以预填的批复数据，指标和预算请按批复文件填列" in help_text
    assert "批复数据：" not in help_text


def test_the_instructions_promise_exactly_what_is_filled_in() -> None:
    two = VIEW.model_copy(
        update={"projects": (*VIEW.projects, ApprovedProject(name="河道清淤")), "approval": "第1版，2025年3月8日导入"}
    )
    help_text = str(load_workbook(io.BytesIO(write_department_workbook(two)))["填报说明"]["A3"].value)
    assert "2个项目的名称、其中1个项目的年初预算、1项批复的绩效指标（含指标性质、指标值、单位和权重）" in help_text
    assert "1个项目的绩效指标、其余项目的预算请按批复文件填列（批复数据：第1版，2025年3月8日导入）" in help_text


def test_weights_that_fill_the_hundred_points_leave_none_for_the_execution() -> None:
    full = ApprovedProject(name="渠道维修项目", indicators=(PLAN.model_copy(update={"weight": Decimal(100)}),))
    sheet = load_workbook(io.BytesIO(write_department_workbook(VIEW.model_copy(update={"projects": (full,)}))))["项目1"]
    assert sheet["A5"].value == "预算执行情况（不计分）" and sheet["G6"].value == "/"
    assert sheet["H14"].value == "=SUM(H13:H13)"
    assert sheet["L14"].value.startswith('=IF(H14<>100,"权重合计不是100"')


def test_the_workbook_checks_itself_by_formulas() -> None:
    book = load_workbook(io.BytesIO(write_department_workbook(VIEW)))
    assert book["整体自评表"]["H4"].value.startswith('=IF(F4="","未填"')
    assert book["项目1"]["F6"].value == '=IF(OR(D6="",E6=""),"",IF(D6=0,"",E6/D6))'
