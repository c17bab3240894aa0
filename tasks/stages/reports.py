"""Remediation as staff see it (整改台账与报告): the table, the ageing, the workbook, and the report at the year's end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.states import CycleState, RectificationState
from tasks import clock, lookup, settings, store
from tasks.stages import rectification
from tasks.stages.rectification import RectificationError
from tasks.writing.ageing import ageing_svg, ages
from tasks.writing.board import BoardItem, LedgerView
from tasks.writing.ledger import write_ledger
from tasks.writing.rectification_report import RectificationReportView, write_rectification_report

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
    return found + [
        {"类别": "未销号账龄", "分组": age.label, "事项": age.total}
        for age in ages(open_ones, clock.today())
        if age.total
    ]


def ageing_picture(fiscal_year: int) -> str | None:
    """The ageing of open items as a picture (账龄图, SVG), kept in ``documents`` as well; None while there is no item."""
    items = [item for _, item in board_items(fiscal_year)]
    if not items:
        return None
    today = clock.today()
    drawn = ageing_svg(fiscal_year, ages(items, today), today)
    put_document(f"整改账龄-{fiscal_year}.svg", drawn.encode())
    return drawn


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
    """Write the report on the year's remediation (年度整改情况报告) to ``documents``, with a blank while it has no number."""
    items = tuple(item for _, item in board_items(fiscal_year))
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
    view = RectificationReportView(
        bureau=cycle.bureau,
        document_number=cycle.report_number or "",
        fiscal_year=fiscal_year,
        today=clock.today(),
        items=items,
        addressees=f"{cycle.county}人民政府",
        office=cycle.office,
    )
    return put_document(f"{fiscal_year}年度整改情况报告.docx", write_rectification_report(view))


def number_report(fiscal_year: int, document_number: str, who: str) -> Path:
    """Give the year-end report its number (编年度整改情况报告文号) and write it as of today. The same number again writes it again.

    Raises RectificationError before remediation has begun, or where another document of the year bears the number.
    """
    document_number, who = document_number.strip(), who.strip()
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        if cycle.state not in (CycleState.RECTIFYING, CycleState.CLOSED):
            raise RectificationError(f"年度处于“{cycle.state.label}”阶段，下达整改通知后才能编报告文号。")
        others = {e.results.get("document_number"): f"第{e.number}版通报" for e in lookup.editions(db, cycle)}
        others[cycle.document_number] = "通知"
        if document_number in others:
            raise RectificationError(
                f"文号{document_number}已用于{fiscal_year}年度{others[document_number]}，请填写报告自己的文号。"
            )
        if cycle.report_number != document_number:
            old = {"document_number": cycle.report_number}
            cycle.report_number = document_number
            db.add(cycle)
            store.record(db, who, "report.numbered", str(fiscal_year), old, {"document_number": document_number})
    return write_report(fiscal_year)


def put_document(name: str, content: bytes) -> Path:
    """Put a document for staff in its place (保存文书), whole or not at all."""
    target = settings.current().folder("documents") / name
    temporary = target.with_suffix(".part")
    temporary.write_bytes(content)
    temporary.replace(target)
    return target
