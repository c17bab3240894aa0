"""Remediation as staff see it (整改台账与报告): the table, the ageing, the workbook, and the report at the year's end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.states import RectificationState
from tasks import clock, lookup, settings, store
from tasks.stages import rectification
from tasks.writing.board import BoardItem, LedgerView, write_ledger
from tasks.writing.rectification_report import RectificationReportView, ageing, write_rectification_report

DONE = (RectificationState.VERIFIED, RectificationState.CARRIED_OVER)


def board_items(fiscal_year: int) -> list[tuple[str, BoardItem]]:
    """All items of a year (整改事项) with the department's code, by code and number."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        return [
            (
                department.code,
                BoardItem(
                    department=department.name,
                    number=item.number,
                    problem=item.problem,
                    due_on=item.due_on,
                    state=item.state,
                    measure=item.measure or "",
                    owner=item.owner or "",
                    remark=item.remark or "",
                    origin=item.origin.label,
                    severity=item.severity.label,
                    evidence_needed=item.evidence_needed or "",
                    evidence=item.evidence or "",
                    repeats=item.repeats or "",
                    escalated_from=rectification.escalation_day(cycle, item.due_on),
                ),
            )
            for submission, department in lookup.submissions(db, cycle)
            for item in rectification.items_of(db, submission)
        ]


def rows(fiscal_year: int) -> list[dict[str, Any]]:
    """All items as a table (整改台账): what is overdue stands first, the longest first."""
    today = clock.today()
    found = board_items(fiscal_year)
    late = {id(item): _late(item) for _, item in found}
    found.sort(key=lambda one: (-late[id(one[1])], one[0], one[1].number))
    return [
        {
            "代码": code,
            "部门": item.department,
            "序号": item.number,
            "来源": item.origin,
            "严重程度": item.severity,
            "问题": item.problem,
            "重复": item.repeats,
            "应附佐证": item.evidence_needed,
            "期限": item.due_on,
            "状态": item.state.label,
            "超期（天）": late[id(item)] or "",
            "督办": "是" if item.state in rectification.WAITING and today >= item.escalated_from else "",
        }
        for code, item in found
    ]


def _late(item: BoardItem) -> int:
    return max(0, (clock.today() - item.due_on).days) if item.state not in DONE else 0


def ageing_rows(fiscal_year: int) -> list[dict[str, Any]]:
    """How many items stand where (整改进度): by state, and the open ones by days past their date (账龄)."""
    items = [item for _, item in board_items(fiscal_year)]
    open_ones = [item for item in items if item.state not in DONE]
    states = [(state.label, sum(item.state is state for item in items)) for state in RectificationState]
    found = [{"类别": "状态", "分组": label, "事项": count} for label, count in states if count]
    ages = ageing(open_ones, clock.today())
    return found + [{"类别": "未销号账龄", "分组": label, "事项": count} for label, count in ages if count]


def write_workbook(fiscal_year: int) -> Path | None:
    """Write the ledger for staff (整改台账工作簿) to ``documents``; None while there is no item."""
    items = [item for _, item in board_items(fiscal_year)]
    if not items:
        return None
    with store.session() as db:
        bureau = lookup.cycle_of(db, fiscal_year).bureau
    view = LedgerView(bureau=bureau, fiscal_year=fiscal_year, today=clock.today(), items=tuple(items))
    return put_document(f"整改台账-{fiscal_year}.xlsx", write_ledger(view))


def write_report(fiscal_year: int) -> Path:
    """Write the report on the year's remediation (年度整改情况报告) to ``documents``; its number is left to the office."""
    items = tuple(item for _, item in board_items(fiscal_year))
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
    view = RectificationReportView(
        bureau=cycle.bureau,
        document_number="",
        fiscal_year=fiscal_year,
        today=clock.today(),
        items=items,
        addressees=f"{cycle.county}人民政府",
        office=cycle.office,
    )
    return put_document(f"{fiscal_year}年度整改情况报告.docx", write_rectification_report(view))


def put_document(name: str, content: bytes) -> Path:
    """Put a document for staff in its place (保存文书), whole or not at all."""
    target = settings.current().folder("documents") / name
    temporary = target.with_suffix(".part")
    temporary.write_bytes(content)
    temporary.replace(target)
    return target
