"""The reviewer's workbook: what goes out, what comes back, and every way in which it can be wrong."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
import writing_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from tasks.writing.fingerprint import fingerprint_of
from tasks.writing.review_layout import FINDINGS, FIRST_ROW, INDICATORS, LINES
from tasks.writing.review_workbook import (
    ReviewWorkbookView,
    fill_review_workbook,
    read_review_workbook,
    review_mark,
    review_view,
    write_review_workbook,
)

INDICATOR_LINES = (samples.indicator(), samples.indicator(level3="受益人口", weight=Decimal(20), score=Decimal(15)))


@pytest.fixture(scope="module")
def view() -> ReviewWorkbookView:
    return review_view(
        samples.card(),
        samples.rules(),
        department="青禾县水务局",
        reviewer="评价一组",
        indicators=INDICATOR_LINES,
        findings=(samples.finding(), samples.finding("=cmd|' /C calc'!A0")),
    )


@pytest.fixture(scope="module")
def blank(view: ReviewWorkbookView) -> bytes:
    return write_review_workbook(view)


@pytest.fixture(scope="module")
def filled(view: ReviewWorkbookView, blank: bytes) -> bytes:
    return fill_review_workbook(blank, {line.rule: (line.maximum, "", "") for line in view.lines})


def test_it_shows_the_eleven_claimable_lines_with_claim_and_working(view: ReviewWorkbookView, blank: bytes) -> None:
    sheet = load_workbook(io.BytesIO(blank))[LINES]
    labels = [sheet.cell(FIRST_ROW + number, 3).value for number in range(len(view.lines))]
    assert labels == [rule.label for rule in samples.rules().claimable] and len(labels) == 11
    assert "自评准确" not in labels
    assert sheet["E5"].value == 10 and not sheet["G5"].protection.locked and sheet["C5"].protection.locked
    assert "年初部门预算数：1000万元（财政数据）" in sheet["L7"].value


def test_the_second_sheet_has_the_columns_that_review_groups_use(blank: bytes) -> None:
    sheet = load_workbook(io.BytesIO(blank))[INDICATORS]
    head = [cell.value for cell in sheet[4]][1:14]
    assert head == [
        "一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位", "权重", "自评完成值", "自评得分", "复核完成值", "复核得分",
        "偏离度", "备注",
    ]  # fmt: skip
    assert [sheet.cell(FIRST_ROW, column).value for column in (5, 6, 8, 9, 10)] == ["≥", "12", 40, "13", 40]


def test_a_text_from_a_report_never_becomes_a_formula(blank: bytes) -> None:
    cells = [cell for row in load_workbook(io.BytesIO(blank))[FINDINGS].iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value == "=cmd|' /C calc'!A0"] == ["s"]


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_what_the_reviewer_writes_is_read_digit_for_digit(
    view: ReviewWorkbookView, blank: bytes, data: st.DataObject
) -> None:
    scores = {
        line.rule: (data.draw(st.decimals(0, line.maximum, places=2)), "材料不全", "=评价标准") for line in view.lines
    }
    told = read_review_workbook(fill_review_workbook(blank, scores), view)
    assert told.problems == ()
    assert told.lines == scores


def test_full_marks_need_no_reason(view: ReviewWorkbookView, filled: bytes) -> None:
    told = read_review_workbook(filled, view)
    assert told.problems == ()
    assert sum(score for score, _, _ in told.lines.values()) == 90
    assert {told.lines[line.rule][1:] for line in view.lines} == {(None, None)}


def test_a_blank_score_is_never_zero(view: ReviewWorkbookView, blank: bytes) -> None:
    told = read_review_workbook(blank, view)
    assert told.lines == {}
    assert len(told.problems) == 11
    assert told.problems[0].startswith("工作表“复核评分”单元格G5：“目标制定”的复核得分空白，请填写")


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "words"),
    [
        (LINES, "G5", 10.01, "单元格G5：“目标制定”的复核得分10.01超出范围"),
        (LINES, "G5", -1, "单元格G5：“目标制定”的复核得分-1超出范围"),
        (LINES, "G5", "十分", "单元格G5：“十分”不是数字"),
        (LINES, "G5", "=5+5", "单元格G5：是公式但没有计算结果"),
        (LINES, "G5", "9,5", "单元格G5：“9,5”中有逗号，小数点请用“.”书写"),
        (LINES, "G5", "９，５", "单元格G5：“９，５”中有逗号"),
        (LINES, "G5", "9或10", "单元格G5：“9或10”不是数字"),
        (LINES, "G5", 9.125, "“目标制定”的复核得分9.125多于两位小数"),
        (LINES, "G5", True, "单元格G5：“True”不是数字"),
        (LINES, "C5", "目标实现", "第5行的指标名称“目标实现”与发出时的“目标制定”不一致，行可能错位"),
        (LINES, "G20", 7, "单元格G20：填有“7”，但该行不是发出时的指标"),
        (INDICATORS, "L9", 7, "单元格L9：填有“7”，但该行不是发出时的指标"),
        (INDICATORS, "A5", "别的项目", "单元格A5：指标与发出时不一致"),
        (LINES, "G5", 9, "单元格H5：“目标制定”复核得9分，低于分值10分，请写明扣分理由"),
        (LINES, "G5", 9, "单元格I5：“目标制定”复核得9分，低于分值10分，请写明扣分依据"),
        (LINES, "H5", "长" * 2001, "单元格H5：扣分理由超过2000字"),
        (LINES, "M5", "invented", "第5行不是发出时的指标"),
        (LINES, "M5", None, "缺少指标“目标制定”所在的行"),
        (LINES, "M6", "target-setting", "第6行与第5行是同一指标"),
        (INDICATORS, "L5", 41, "单元格L5：复核得分41超出范围，请填写0至40分"),
        (INDICATORS, "L6", 10, "单元格N6：复核得分10低于自评得分15，请在备注中说明原因"),
        (INDICATORS, "L6", "无", "单元格L6：“无”不是数字"),
        (INDICATORS, "D5", "别的指标", "单元格D5：指标与发出时不一致"),
    ],
)
def test_every_broken_cell_is_named_and_no_line_is_taken(
    view: ReviewWorkbookView, filled: bytes, sheet: str, cell: str, value: object, words: str
) -> None:
    told = read_review_workbook(samples.edited(filled, {(sheet, cell): value}), view)
    assert any(words in problem for problem in told.problems), told.problems
    assert told.lines == {} and told.indicators == ()


@pytest.mark.parametrize("typed", ["9.5", "９．５", " 9.50 ", "'9.5", "9.5分"])
def test_a_number_kept_as_text_is_the_number_it_shows(view: ReviewWorkbookView, filled: bytes, typed: str) -> None:
    changes = {(LINES, "G5"): typed, (LINES, "H5"): "缺佐证", (LINES, "I5"): "评价标准"}
    told = read_review_workbook(samples.edited(filled, changes), view)
    assert told.problems == ()
    assert told.lines[view.lines[0].rule][0] == Decimal("9.5")


def test_a_reason_of_dashes_is_no_reason(view: ReviewWorkbookView, filled: bytes) -> None:
    changes = {(LINES, "G5"): 9, (LINES, "H5"): "——", (LINES, "I5"): "。"}
    problems = read_review_workbook(samples.edited(filled, changes), view).problems
    assert ["扣分理由" in problems[0], "扣分依据" in problems[1]] == [True, True]


def test_sorted_rows_are_still_the_same_lines(view: ReviewWorkbookView, filled: bytes) -> None:
    book = load_workbook(io.BytesIO(filled))
    sheet = book[LINES]
    first, second = ([sheet.cell(row, column).value for column in range(1, 15)] for row in (5, 6))
    first[6], first[7], first[8] = 9, "缺佐证", "评价标准"
    for column in range(1, 15):
        sheet.cell(5, column).value, sheet.cell(6, column).value = second[column - 1], first[column - 1]
    told = read_review_workbook(samples.saved(book), view)
    assert told.problems == ()
    assert told.lines[view.lines[0].rule] == (9, "缺佐证", "评价标准")


def test_reviewed_indicators_come_with_their_remarks(view: ReviewWorkbookView, filled: bytes) -> None:
    changes = {(INDICATORS, "K6"): "85", (INDICATORS, "L6"): 10, (INDICATORS, "N6"): "没有佐证材料"}
    first, second = read_review_workbook(samples.edited(filled, changes), view).indicators
    assert first.score is None
    assert (second.number, second.actual, second.score, second.remark) == (1, "85", 10, "没有佐证材料")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fiscal_year": 2025}, "这是2024年度的复核工作簿，应提交2025年度的"),
        ({"code": "102", "department": "青禾县教育局"}, "这是部门编码“101”的复核工作簿"),
        ({"version": 2}, "这是第1次抽取的复核工作簿，现行的是第2次"),
    ],
)
def test_a_workbook_for_something_else_is_refused(
    view: ReviewWorkbookView, filled: bytes, changes: dict[str, object], words: str
) -> None:
    told = read_review_workbook(filled, view.model_copy(update=changes))
    assert told.lines == {} and words in told.problems[0]


def test_a_workbook_without_a_mark_or_a_sheet_is_refused(view: ReviewWorkbookView, filled: bytes) -> None:
    assert fingerprint_of(filled) == str(review_mark(view))
    assert "没有复核工作簿的标识" in read_review_workbook(samples.edited(filled, {}, keep_mark=False), view).problems[0]
    book = load_workbook(io.BytesIO(filled))
    book[LINES].title = "改名"
    assert "没有名为“复核评分”的工作表" in read_review_workbook(samples.saved(book), view).problems[0]
    assert read_review_workbook(b"PK\x03\x04", view).lines == {}


def test_reviewers_read_computed_values_under_chinese_names() -> None:
    found = samples.finding().model_copy(update={"computed": {"expected": "5.42", "score": "6.6"}})
    view = review_view(
        samples.card(),
        samples.rules(),
        department="青禾县水务局",
        reviewer="评价一组",
        indicators=(),
        findings=(found,),
    )
    rows = load_workbook(io.BytesIO(write_review_workbook(view)))[FINDINGS].iter_rows(values_only=True)
    assert "应为：5.42；得分：6.6" in [cell for row in rows for cell in row]
