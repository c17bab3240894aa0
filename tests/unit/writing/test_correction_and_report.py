"""Correcting and withdrawing what went out, and the year's report on remediation."""

from __future__ import annotations

import io
from datetime import date

import docx
import pytest
import writing_samples as samples
from docx.oxml.ns import qn

from models.states import RectificationState
from tasks.writing.board import BoardItem
from tasks.writing.correction import Change, CorrectionKind, CorrectionView, write_correction
from tasks.writing.rectification_report import RectificationReportView, ageing, write_rectification_report

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
    assert [count for _, count in ageing(items, TODAY)] == [1, 2, 1, 1]


def test_the_report_lists_what_remains_and_only_that() -> None:
    open_item = item(1, date(2025, 11, 20))
    told = words(report(open_item, item(2, date(2025, 11, 20), RectificationState.VERIFIED)))
    assert "整改事项2项，经核实销号1项，未销号1项" in told and "未销号整改事项清单" in told
    assert told.count("目标没有量化") == 1


def test_a_year_with_everything_closed_has_no_list() -> None:
    told = words(report(item(2, date(2025, 11, 20), RectificationState.VERIFIED)))
    assert "全部核实销号" in told and "清单" not in told
    assert "本年度没有下达整改事项" in words(report())
