"""The progress board and the remediation ledger as workbooks (进度看板、整改台账)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from models.document import Frozen
from models.states import RectificationState, SubmissionState
from tasks.writing.sheets import finished_workbook, new_workbook, printable, put, widths

BOARD, ITEMS = "进度", "整改"
_HEAD = (
    "部门编码", "部门名称", "类别", "通知", "报送状态", "最近报送", "报送次数", "逾期工作日", "退回次数",
    "提醒次数", "延期至", "最终得分", "备注",
)  # fmt: skip
_ITEM_HEAD = (
    "部门名称", "序号", "来源", "严重程度", "问题", "重复出现", "整改措施", "责任人", "完成时限", "状态", "已超期（天）",
    "应附佐证", "佐证材料", "备注",
)  # fmt: skip
_CLOSED = (RectificationState.VERIFIED, RectificationState.CARRIED_OVER)
_COLOURS = {
    SubmissionState.AWAITED: "FFF4CC",
    SubmissionState.RECEIVED: "E3EEF9",
    SubmissionState.NEEDS_CORRECTION: "FCE4D6",
    SubmissionState.RESUBMITTED: "E3EEF9",
    SubmissionState.ACCEPTED: "E2F0D9",
    SubmissionState.NOT_SUBMITTED: "F8CBAD",
}
_REPEATED = "F8CBAD"
_ITEM_COLOURS = {
    RectificationState.OPEN: "FFF4CC",
    RectificationState.PLANNED: "E3EEF9",
    RectificationState.CLAIMED_DONE: "E3EEF9",
    RectificationState.RETURNED: "FCE4D6",
    RectificationState.EXTENDED: "FFF4CC",
    RectificationState.VERIFIED: "E2F0D9",
    RectificationState.CARRIED_OVER: "F8CBAD",
}


class BoardRow(Frozen):
    """One department on the board (部门进度). ``told``: what became of the notice, in words."""

    code: str
    name: str
    stratum: str = ""
    told: str = ""
    state: SubmissionState
    received_on: date | None = None
    versions: int = 0
    days_late: int = 0
    returned: int = 0
    reminders: int = 0
    extended_to: date | None = None
    final_score: str = ""
    remark: str = ""


class BoardItem(Frozen):
    """One remediation item on the board (整改事项进度)."""

    department: str
    number: int
    problem: str
    due_on: date
    state: RectificationState
    measure: str = ""
    owner: str = ""
    remark: str = ""
    origin: str = ""
    severity: str = ""
    evidence_needed: str = ""
    evidence: str = ""
    repeats: str = ""
    escalated_from: date = date.max


class LedgerView(Frozen):
    """The ledger of remediation items (整改台账内容) as of ``today``."""

    bureau: str
    fiscal_year: int
    today: date
    items: tuple[BoardItem, ...]


class BoardView(Frozen):
    """The board (进度看板内容) as of ``today``."""

    bureau: str
    fiscal_year: int
    today: date
    state: str
    rows: tuple[BoardRow, ...]
    items: tuple[BoardItem, ...] = ()


def write_board(view: BoardView) -> bytes:
    """The board (进度看板, .xlsx): departments, and remediation items where there are any."""
    book = new_workbook(f"{view.fiscal_year}年度评价工作进度", view.bureau)
    _write_rows(book.create_sheet(BOARD), view)
    if view.items:
        write_items(book.create_sheet(ITEMS), view)
    return finished_workbook(book)


def _summary(view: BoardView) -> str:
    counts = [(state, sum(1 for row in view.rows if row.state is state)) for state in SubmissionState]
    words = "，".join(f"{state.label}{count}个" for state, count in counts if count)
    late = sum(1 for row in view.rows if row.days_late > 0)
    return f"截至{view.today.isoformat()}，{view.state}。共{len(view.rows)}个部门：{words}；逾期{late}个。"


def _frame(sheet: Worksheet, title: str, note: str, head: Sequence[str]) -> None:
    put(sheet, 1, 1, title, style="title", span=len(head))
    put(sheet, 2, 1, note, style="note", span=len(head))
    sheet.row_dimensions[1].height, sheet.row_dimensions[2].height = 30, 22
    for column, label in enumerate(head, 1):
        put(sheet, 3, column, label, style="head")
    printable(sheet, header_row=3)


def _write_rows(sheet: Worksheet, view: BoardView) -> None:
    _frame(sheet, f"{view.fiscal_year}年度预算绩效评价工作进度", _summary(view), _HEAD)
    for row, entry in enumerate(view.rows, 4):
        values: tuple[str | int | None, ...] = (
            entry.code,
            entry.name,
            entry.stratum,
            entry.told,
            entry.state.label,
            entry.received_on.isoformat() if entry.received_on else "",
            entry.versions,
            entry.days_late or None,
            entry.returned or None,
            entry.reminders or None,
            entry.extended_to.isoformat() if entry.extended_to else "",
            entry.final_score,
            entry.remark,
        )
        for column, value in enumerate(values, 1):
            put(sheet, row, column, value, style="number" if isinstance(value, int) else "text")
        sheet.cell(row, 5).fill = PatternFill("solid", fgColor=_COLOURS[entry.state])
    widths(sheet, (11, 28, 12, 18, 14, 12, 9, 11, 9, 9, 12, 10, 30))
    sheet.freeze_panes = "C4"
    sheet.auto_filter.ref = f"A3:M{3 + len(view.rows)}"


def write_items(sheet: Worksheet, view: BoardView | LedgerView) -> None:
    """The remediation items in a sheet (整改事项); what came back from an earlier year stands out."""
    closed = sum(1 for item in view.items if item.state is RectificationState.VERIFIED)
    carried = sum(1 for item in view.items if item.state is RectificationState.CARRIED_OVER)
    note = f"截至{view.today.isoformat()}，整改事项{len(view.items)}项，已销号{closed}项"
    note += f"，转入下一年度{carried}项。" if carried else "。"
    _frame(sheet, f"{view.fiscal_year}年度绩效评价整改台账", note, _ITEM_HEAD)
    for row, item in enumerate(view.items, 4):
        overdue = (view.today - item.due_on).days if item.state not in _CLOSED else 0
        values: tuple[str | int | None, ...] = (
            item.department,
            item.number,
            item.origin,
            item.severity,
            item.problem,
            item.repeats,
            item.measure,
            item.owner,
            item.due_on.isoformat(),
            item.state.label,
            overdue if overdue > 0 else None,
            item.evidence_needed,
            item.evidence,
            item.remark,
        )
        for column, value in enumerate(values, 1):
            put(sheet, row, column, value, style="number" if isinstance(value, int) else "text")
        sheet.cell(row, 10).fill = PatternFill("solid", fgColor=_ITEM_COLOURS[item.state])
        if item.repeats:
            sheet.cell(row, 6).fill = PatternFill("solid", fgColor=_REPEATED)
    widths(sheet, (26, 7, 12, 10, 44, 18, 40, 12, 12, 18, 12, 34, 30, 30))
    sheet.freeze_panes = "C4"
    sheet.auto_filter.ref = f"A3:N{3 + len(view.items)}"
