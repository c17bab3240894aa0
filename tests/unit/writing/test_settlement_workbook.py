"""The workbook of who settles (复核定案表): both sides shown without names, and every way in which it comes back wrong."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
import writing_samples as samples
from openpyxl import load_workbook

from models.second_review import Entry
from models.states import ReviewSeat
from tasks.writing.review_layout import SETTLEMENT as SHEET
from tasks.writing.review_workbook import fill_review_workbook, read_review_workbook, review_view, write_review_workbook
from tasks.writing.settlement_workbook import (
    SettlementLine,
    SettlementView,
    fill_settlement_workbook,
    read_settlement_workbook,
    write_settlement_workbook,
)

D = Decimal


@pytest.fixture(scope="module")
def view() -> SettlementView:
    lines = review_view(samples.card(), samples.rules(), department="青禾县水务局").lines[:2]
    return SettlementView(
        fiscal_year=2024,
        code="101",
        department="青禾县水务局",
        reviewer="程远",
        lines=(
            SettlementLine(line=lines[0], first=Entry(D(10)), second=Entry(D(7), "=要素不全", "评价标准")),
            SettlementLine(line=lines[1], first=Entry(D(6), "两项未完成", "评价标准"), second=Entry(D("6.5"))),
        ),
    )


@pytest.fixture(scope="module")
def blank(view: SettlementView) -> bytes:
    return write_settlement_workbook(view)


@pytest.fixture(scope="module")
def filled(view: SettlementView, blank: bytes) -> bytes:
    return fill_settlement_workbook(
        blank, {line.line.rule: (D("6.5"), "核对原件后认定", "评价标准") for line in view.lines}
    )


def test_it_shows_both_sides_without_names_and_keeps_texts_as_texts(blank: bytes) -> None:
    sheet = load_workbook(io.BytesIO(blank))[SHEET]
    row = [cell.value for cell in sheet[5]]
    assert row[5:10] == [10, "未扣分，无须说明理由", 7, "=要素不全\n依据：评价标准", 3]
    assert sheet["I5"].data_type == "s"
    assert sheet["O5"].parent.column_dimensions["O"].hidden


def test_what_is_decided_is_read(view: SettlementView, filled: bytes) -> None:
    told = read_settlement_workbook(filled, view)
    assert told.problems == ()
    assert set(told.lines.values()) == {(D("6.5"), "核对原件后认定", "评价标准")}


@pytest.mark.parametrize(
    ("cell", "value", "words"),
    [
        ("K5", None, "定案得分空白"),
        ("K5", 11, "定案得分11超出范围"),
        ("K5", "8,5", "中有逗号，小数点请用“.”书写"),
        ("L5", None, "请写明定案理由"),
        ("L5", "——", "请写明定案理由"),
        ("M5", None, "请写明定案依据"),
        ("O6", None, "缺少指标“目标实现”所在的行"),
        ("B6", "目标制定", "行可能错位"),
        ("K9", 5, "但该行不是发出时的指标"),
    ],
)
def test_every_broken_cell_is_named_and_nothing_is_taken(
    view: SettlementView, filled: bytes, cell: str, value: object, words: str
) -> None:
    told = read_settlement_workbook(samples.edited(filled, {(SHEET, cell): value}), view)
    assert any(words in problem for problem in told.problems), told.problems
    assert told.lines == {}


def test_full_marks_need_a_reason_too_but_no_criterion(view: SettlementView, filled: bytes) -> None:
    changes = {(SHEET, "K5"): 10, (SHEET, "M5"): None}
    assert read_settlement_workbook(samples.edited(filled, changes), view).problems == ()
    silent = read_settlement_workbook(samples.edited(filled, changes | {(SHEET, "L5"): None}), view)
    assert any("定案理由" in problem for problem in silent.problems)


def test_the_workbook_of_another_seat_is_refused(view: SettlementView, filled: bytes) -> None:
    first = review_view(samples.card(), samples.rules(), department="青禾县水务局", reviewer="甲")
    second = first.model_copy(update={"seat": ReviewSeat.SECOND})
    own = fill_review_workbook(
        write_review_workbook(second), {line.rule: (line.maximum, "", "") for line in first.lines}
    )
    assert read_review_workbook(own, second).problems == ()
    assert "这是第二复核人的工作簿，应提交第一复核人的" in read_review_workbook(own, first).problems[0]
    assert "这是定案人的工作簿" in read_review_workbook(filled, first).problems[0]
    assert "应提交定案人的" in read_settlement_workbook(own, view).problems[0]
