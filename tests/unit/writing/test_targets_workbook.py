"""The approval form: what goes out comes back, and everything broken is named by its row."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
import writing_samples as samples
from openpyxl import load_workbook

from models.approved import ApprovedIndicator, ApprovedProject, said
from models.facts import Operator
from tasks.writing.figures_workbook import write_figures_template
from tasks.writing.targets_workbook import SHEET, ListedDepartment, read_targets, write_targets_template

DEPARTMENTS = [
    ListedDepartment("101", "青禾县水务局", ("渠道维修", "河道清淤")),
    ListedDepartment("102", "青禾县教育局"),
]
LENGTH = ApprovedIndicator(
    level1="产出指标",
    level2="数量指标",
    name="=维修渠道长度",
    operator=Operator.AT_LEAST,
    target="12.5",
    unit="公里",
    weight=Decimal(40),
)
GRADE = LENGTH.model_copy(
    update={"level2": "质量指标", "name": "验收等次", "operator": Operator.TEXT, "target": "优良中低差", "unit": ""}
)
KNOWN = {
    "101": (
        ApprovedProject(
            name="渠道维修", code="P01", budget=Decimal("120.55"), goal="维修渠道", indicators=(LENGTH, GRADE)
        ),
        ApprovedProject(name="河道清淤", code="P02"),
    )
}
ROW = {"部门编码": "101", "项目名称": "渠道维修", "一级指标": "产出指标", "二级指标": "数量指标"} | {
    "三级指标": "维修长度",
    "指标性质": "≥",
    "指标值": 12,
    "度量单位": "公里",
    "权重": 40,
}


@pytest.fixture(scope="module")
def empty() -> bytes:
    return write_targets_template(2024, DEPARTMENTS)


def filled(empty: bytes, *rows: dict[str, Any]) -> bytes:
    """The form with these rows from the first line on."""
    book = load_workbook(io.BytesIO(empty))
    sheet = book[SHEET]
    head = {sheet.cell(3, column).value: column for column in range(1, sheet.max_column + 1)}
    sheet.delete_rows(4, 4)
    for number, row in enumerate(rows, 4):
        for label, value in row.items():
            sheet.cell(number, head[label]).value = value
    return samples.saved(book)


def test_what_is_known_comes_back_digit_for_digit() -> None:
    told = read_targets(write_targets_template(2024, DEPARTMENTS, KNOWN), 2024, DEPARTMENTS)
    assert told.problems == ()
    assert {code: said(projects) for code, projects in told.departments.items()} == {"101": said(KNOWN["101"])}
    assert [line.row for line in told.departments["101"][0].indicators] == [4, 5]


def test_the_empty_form_lists_the_projects_of_the_roster_with_drop_downs(empty: bytes) -> None:
    sheet = load_workbook(io.BytesIO(empty))[SHEET]
    assert [(sheet.cell(row, 1).value, sheet.cell(row, 4).value) for row in (4, 5, 6)] == [
        ("101", "渠道维修"),
        ("101", "河道清淤"),
        ("102", None),
    ]
    assert "list" in {rule.type for rule in sheet.data_validations.dataValidation}


def test_signs_and_numbers_are_taken_as_people_write_them(empty: bytes) -> None:
    pasted = ROW | {"指标性质": ">=", "指标值": "１,２００", "项目预算（万元）": "1,200.50", "权重": "40"}
    (project,) = read_targets(filled(empty, pasted), 2024, DEPARTMENTS).departments["101"]
    assert (project.budget, project.indicators[0].words) == (Decimal("1200.50"), "≥1200公里")


@pytest.mark.parametrize(
    ("change", "cell", "words"),
    [
        ({"部门编码": "999"}, "A4", "不在本年度名册中"),
        ({"部门编码": None}, "A4", "没有部门编码"),
        ({"部门名称": "青禾县教育局"}, "B4", "在名册中是“青禾县水务局”"),
        ({"项目名称": None}, "D4", "没有项目名称"),
        ({"项目预算（万元）": -1}, "E4", "不在0至100000000之间"),
        ({"项目预算（万元）": "约100"}, "E4", "不是数字"),
        ({"三级指标": None}, "I4", "没有填写三级指标"),
        ({"指标性质": "不少于"}, "J4", "“不少于”无法识别"),
        ({"指标值": "12公里"}, "K4", "不是数字"),
        ({"指标值": None}, "K4", "没有填写指标值"),
        ({"权重": 101}, "M4", "不在0至100之间"),
        ({"度量单位": "很" * 41}, "L4", "超过40个字"),
    ],
)
def test_a_broken_row_is_named_and_nothing_is_imported(
    empty: bytes, change: dict[str, Any], cell: str, words: str
) -> None:
    other = ROW | {"三级指标": "完好的一行"}
    told = read_targets(filled(empty, ROW | change, other), 2024, DEPARTMENTS)
    assert told.departments == {}
    assert len(told.problems) == 1 and f"单元格{cell}：" in told.problems[0] and words in told.problems[0]


def test_rows_of_one_project_must_agree_and_an_indicator_stands_once(empty: bytes) -> None:
    rows = (ROW | {"项目预算（万元）": 100, "项目编码": "P1"}, ROW | {"项目预算（万元）": 90, "项目编码": "P2"})
    told = read_targets(filled(empty, *rows), 2024, DEPARTMENTS)
    assert [problem.split("：")[0][-2:] for problem in told.problems] == ["C5", "E5", "I5"]
    assert "所填的“100”不一致" in told.problems[1] and "与第4行重复" in told.problems[2]


def test_two_projects_may_not_share_a_code(empty: bytes) -> None:
    rows = (ROW | {"项目编码": "P1"}, ROW | {"项目编码": "P1", "项目名称": "河道清淤"})
    (problem,) = read_targets(filled(empty, *rows), 2024, DEPARTMENTS).problems
    assert "与第4行项目“渠道维修”的编码相同" in problem


def test_a_row_nobody_filled_in_is_no_error_a_form_without_rows_is(empty: bytes) -> None:
    told = read_targets(filled(empty, {"部门编码": "102", "部门名称": "青禾县教育局"}), 2024, DEPARTMENTS)
    assert told.problems == (f"工作表“{SHEET}”中没有任何项目，请填写后重新导入。",)


def test_the_form_of_another_year_or_kind_is_refused(empty: bytes) -> None:
    assert "这是2024年度的批复表" in read_targets(empty, 2025, DEPARTMENTS).problems[0]
    other = write_figures_template(2024, [("101", "青禾县水务局")])
    assert read_targets(other, 2024, DEPARTMENTS).departments == {}
    assert read_targets(b"PK no workbook", 2024, DEPARTMENTS).problems


def test_a_damaged_head_is_named(empty: bytes) -> None:
    told = read_targets(samples.edited(empty, {(SHEET, "K3"): "目标"}), 2024, DEPARTMENTS)
    assert "第3行缺少表头：指标值" in told.problems[0]
