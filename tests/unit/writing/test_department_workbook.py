"""The department's own workbook."""

from __future__ import annotations

import io
from decimal import Decimal

import writing_samples as samples
from openpyxl import load_workbook

from tasks.writing.department_workbook import (
    DepartmentWorkbookView,
    IndicatorPlan,
    ProjectPlan,
    department_mark,
    fingerprint_of,
    write_department_workbook,
)
from tasks.writing.rubric import rubric_rows

PLAN = IndicatorPlan(
    level1="产出指标",
    level2="数量指标",
    level3="=维修渠道长度",
    operator="≥",
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
    projects=(ProjectPlan(name="渠道维修项目", code="P01", budget=Decimal("120.5"), indicators=(PLAN,)),),
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
    assert sheet["C2"].value == "P01-渠道维修项目"
    assert sheet["C6"].value == 120.5 and sheet["C6"].protection.locked
    assert [sheet.cell(13, column).value for column in range(3, 9)] == ["=维修渠道长度", "≥", "12", "公里", None, 40]
    assert sheet["C13"].data_type == "s" and sheet["C13"].protection.locked
    assert not sheet["G13"].protection.locked
    kinds = {validation.type for validation in sheet.data_validations.dataValidation}
    assert kinds == {"list", "decimal"}


def test_the_workbook_checks_itself_by_formulas() -> None:
    book = load_workbook(io.BytesIO(write_department_workbook(VIEW)))
    assert book["整体自评表"]["H4"].value.startswith('=IF(F4="","未填"')
    assert book["项目1"]["F6"].value == '=IF(OR(D6="",E6=""),"",IF(D6=0,"",E6/D6))'
