"""The bureau's figures: what goes out comes back, and everything broken is named."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
import writing_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from models.figures import FIGURES, BureauFigures, FigureKey, FigureSpec
from tasks.writing.figures_workbook import read_figures, write_figures_template

DEPARTMENTS = [("101", "青禾县水务局"), ("102", "青禾县教育局")]
CODES = {"101", "102"}
SHEET = "部门数据"


@pytest.fixture(scope="module")
def template() -> bytes:
    return write_figures_template(2024, DEPARTMENTS)


def possible(spec: FigureSpec) -> st.SearchStrategy[Decimal]:
    low, high = int(spec.low or 0), int(min(spec.high or 10**8, Decimal(10**8)))
    if spec.whole:
        return st.integers(low, high).map(Decimal)
    return st.decimals(low, high, places=2, allow_nan=False)


some_values = st.fixed_dictionaries({}, optional={key: possible(spec) for key, spec in FIGURES.items()})


@settings(max_examples=15, deadline=None)
@given(some_values)
def test_known_figures_come_back_digit_for_digit(values: dict[FigureKey, Decimal]) -> None:
    known = {"101": BureauFigures(department="101", fiscal_year=2024, values=values, texts={"note": "=1+1"})}
    told = read_figures(write_figures_template(2024, DEPARTMENTS, known, optional=True), 2024, CODES)
    assert told.problems == ()
    assert told.figures["101"].values == values
    assert told.figures["101"].texts == {"note": "=1+1"}
    assert {key for code, key in told.origins if code == "101"} == {*values, "note"}


def test_a_blank_cell_is_absent_and_a_zero_is_zero(template: bytes) -> None:
    told = read_figures(samples.edited(template, {(SHEET, "C5"): 0}), 2024, CODES)
    assert told.figures["101"].get(FigureKey.BUDGET_INITIAL) == 0
    assert told.figures["102"].get(FigureKey.BUDGET_INITIAL) is None
    assert told.origins["101", FigureKey.BUDGET_INITIAL] == "部门数据!C5"


def test_the_labels_are_locked_and_the_figures_are_not(template: bytes) -> None:
    sheet = load_workbook(io.BytesIO(template))[SHEET]
    assert sheet.protection.sheet
    assert sheet["A5"].protection.locked and sheet["C3"].protection.locked
    assert not sheet["C5"].protection.locked
    assert sheet["C3"].comment.text == FIGURES[FigureKey.BUDGET_INITIAL].help


@pytest.mark.parametrize(
    ("cell", "value", "words"),
    [
        ("C5", "一千", "单元格C5：“一千”不是数字"),
        ("C5", "1000", "单元格C5：“1000”不是数字"),
        ("C5", True, "单元格C5：“True”不是数字"),
        ("C5", -5, "单元格C5：“年初部门预算数”为-5，超出允许范围"),
        ("C5", "=1+1", "单元格C5：是公式但没有计算结果"),
        ("A5", "999", "单元格A5：部门编码“999”不在部门名册中"),
        ("A6", "101", "单元格A6：部门编码“101”与第5行重复"),
        ("C3", "别的", "单元格C3：表头“别的”不是采集表的数据项"),
        ("D3", "年初部门预算数", "单元格D3：表头“年初部门预算数”重复出现"),
        ("C9", 5, "单元格C9：该行没有部门编码"),
    ],
)
def test_every_broken_cell_is_named_and_nothing_is_imported(
    template: bytes, cell: str, value: object, words: str
) -> None:
    told = read_figures(samples.edited(template, {(SHEET, "E5"): 3, (SHEET, cell): value}), 2024, CODES)
    assert any(words in problem and "请" in problem for problem in told.problems), told.problems
    assert told.figures == {} and told.origins == {}


def test_all_broken_cells_are_named_at_once(template: bytes) -> None:
    told = read_figures(samples.edited(template, {(SHEET, "C5"): "一", (SHEET, "D6"): "二"}), 2024, CODES)
    assert [("C5" in problem, "D6" in problem) for problem in told.problems] == [(True, False), (False, True)]


def test_a_percent_format_is_asked_about_because_it_means_two_things(template: bytes) -> None:
    book = load_workbook(io.BytesIO(template))
    cell = next(cell for cell in book[SHEET][3] if cell.value == "6月末预算执行进度")
    target = book[SHEET].cell(5, cell.column)
    target.value, target.number_format = 0.412, "0.0%"
    (problem,) = read_figures(samples.saved(book), 2024, CODES).problems
    assert "百分比格式" in problem and target.coordinate in problem


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "不是xlsx"),
        (b"%PDF-1.7", "不是xlsx"),
        (b"PK\x03\x04broken", "已损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "加密"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused_with_a_sentence(content: bytes, words: str) -> None:
    told = read_figures(content, 2024, CODES)
    assert words in told.problems[0] and told.figures == {}


def test_another_years_template_and_a_foreign_workbook_are_refused(template: bytes) -> None:
    assert "2024年度的采集表，当前评价年度为2025年" in read_figures(template, 2025, CODES).problems[0]
    foreign = samples.edited(template, {}, keep_mark=False)
    assert "不是系统生成的财政数据采集表" in read_figures(foreign, 2024, CODES).problems[0]


def test_a_removed_column_is_missed(template: bytes) -> None:
    book = load_workbook(io.BytesIO(template))
    book[SHEET].delete_cols(3)
    assert "缺少表头“年初部门预算数”" in read_figures(samples.saved(book), 2024, CODES).problems[0]
