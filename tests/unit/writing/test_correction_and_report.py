"""Correcting and withdrawing what went out, and the year's report on remediation."""

from __future__ import annotations

import io
from datetime import date
from xml.etree import ElementTree

import docx
import pytest
import writing_samples as samples
from docx.oxml.ns import qn
from openpyxl import load_workbook

from models.states import RectificationState
from tasks.writing.ageing import ageing_grid, ageing_svg, ages
from tasks.writing.board import BoardItem, LedgerView
from tasks.writing.correction import Change, CorrectionKind, CorrectionView, write_correction
from tasks.writing.ledger import write_ledger
from tasks.writing.rectification_report import RectificationReportView, write_rectification_report

TODAY = date(2025, 12, 20)
CHANGE = Change(before="4月30日前", after="5月9日前")


def words(content: bytes) -> str:
    body = docx.Document(io.BytesIO(content)).element.body
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p")))


def correction(**changes: object) -> CorrectionView:
    values: dict[str, object] = {
        "kind": CorrectionKind.CORRECTED,
        "bureau": samples.BUREAU,
        "document_number": "青财绩〔2025〕7号",
        "original_number": "青财绩〔2025〕5号",
        "original_title": "关于开展评价工作的通知",
        "original_date": date(2025, 3, 5),
        "reason": "截止日期与节假日重叠",
        "issued_on": date(2025, 3, 12),
        "changes": (CHANGE,),
    }
    return CorrectionView.model_validate({**values, **changes})


def item(number: int, due: date, state: RectificationState = RectificationState.OPEN) -> BoardItem:
    return BoardItem(department="青禾县水务局", number=number, problem="目标没有量化", due_on=due, state=state)


def report(*items: BoardItem) -> bytes:
    view = RectificationReportView(
        bureau=samples.BUREAU, document_number="青财绩〔2025〕30号", fiscal_year=2024, today=TODAY, items=items
    )
    return write_rectification_report(view)


def test_a_correction_names_the_document_the_reason_and_both_wordings() -> None:
    told = words(write_correction(correction()))
    assert "关于更正青财绩〔2025〕5号文件的通知" in told.replace("\n", "")
    assert "因截止日期与节假日重叠，现予更正" in told
    assert "原文：4月30日前" in told and "更正为：5月9日前" in told


def test_a_withdrawal_says_so_and_changes_nothing() -> None:
    told = words(write_correction(correction(kind=CorrectionKind.WITHDRAWN, changes=())))
    assert "现予撤回" in told and "不再按该文件办理" in told


@pytest.mark.parametrize(
    "changes", [{"reason": " "}, {"changes": ()}, {"kind": CorrectionKind.WITHDRAWN, "changes": (CHANGE,)}]
)
def test_a_correction_without_reason_or_with_the_wrong_parts_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="请"):
        write_correction(correction(**changes))


def test_ageing_counts_open_items_once_and_closed_ones_never() -> None:
    items = [
        item(1, date(2025, 12, 20)),
        item(2, date(2025, 12, 19)),
        item(3, date(2025, 11, 20)),
        item(4, date(2025, 11, 19)),
        item(5, date(2025, 9, 20)),
        item(6, date(2025, 9, 1), RectificationState.VERIFIED),
    ]
    assert [age.total for age in ages(items, TODAY)] == [1, 2, 1, 1]


def test_a_problem_handed_to_the_next_year_ages_no_more() -> None:
    carried = item(1, date(2025, 1, 1), RectificationState.CARRIED_OVER)
    assert sum(age.total for age in ages([carried], TODAY)) == 0


def many(counts: dict[str, int]) -> list[BoardItem]:
    """So many items of each severity, all over 90 days late."""
    late = item(1, date(2025, 1, 1))
    return [late.model_copy(update={"severity": name}) for name, count in counts.items() for _ in range(count)]


@pytest.mark.parametrize("counts", [{"一般": 1}, {"一般": 200, "较重": 1, "严重": 1}, {"一般": 39, "严重": 2}, {"": 3}])
def test_every_severity_has_its_part_of_the_bar_whatever_the_numbers(counts: dict[str, int]) -> None:
    found = ages(many(counts), TODAY)
    grid = ageing_grid(found)
    bar = grid.rows[len(found) - 1][1:-1]
    assert len([box for box in bar if box.shade]) == len(counts)
    assert all(sum(box.span for box in row) == len(grid.widths) for row in grid.rows)
    drawn = ageing_svg(2024, found, TODAY)
    parsed = ElementTree.fromstring(drawn)
    widths = [
        float(r.attrib["width"]) for r in parsed.iter("{http://www.w3.org/2000/svg}rect") if r.attrib["height"] == "24"
    ]
    assert len(widths) == len(counts) and sum(widths) == pytest.approx(420, abs=1)
    assert f"超期90天以上{sum(counts.values())}项" in drawn


def test_the_ledger_counts_the_ages_and_draws_them() -> None:
    view = LedgerView(bureau=samples.BUREAU, fiscal_year=2024, today=TODAY, items=tuple(many({"一般": 3, "严重": 2})))
    book = load_workbook(io.BytesIO(write_ledger(view)))
    sheet = book["账龄"]
    assert [cell.value for cell in sheet[6]] == ["超期90天以上", 3, 0, 2, 5]
    assert write_ledger(view) == write_ledger(view)
    assert len(sheet._charts) == 1


def test_repeated_problems_are_counted_and_listed() -> None:
    again = item(3, date(2025, 11, 20)).model_copy(update={"repeats": "2023年度第2项"})
    told = words(report(again, item(2, date(2025, 11, 20), RectificationState.VERIFIED)))
    assert "重复出现的问题1项，涉及1个部门" in told and "2023年度第2项" in told


def test_a_report_without_a_number_leaves_room_for_it() -> None:
    view = RectificationReportView(bureau=samples.BUREAU, document_number="", fiscal_year=2024, today=TODAY, items=())
    assert "〔2025〕" in words(write_rectification_report(view))


def test_the_report_lists_what_remains_and_only_that() -> None:
    open_item = item(1, date(2025, 11, 20))
    told = words(report(open_item, item(2, date(2025, 11, 20), RectificationState.VERIFIED)))
    assert "整改事项2项，经核实销号1项，未销号1项" in told and "未销号整改事项清单" in told
    assert told.count("目标没有量化") == 1


def test_a_year_with_everything_closed_has_no_list() -> None:
    told = words(report(item(2, date(2025, 11, 20), RectificationState.VERIFIED)))
    assert "全部核实销号" in told and "清单" not in told
    assert "本年度没有下达整改事项" in words(report())
