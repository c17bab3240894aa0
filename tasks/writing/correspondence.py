"""The ledger of correspondence (往来函件台账) as a workbook: every letter and file of a year, in the order of time."""

from __future__ import annotations

from datetime import datetime

from openpyxl.worksheet.worksheet import Worksheet

from models.document import Frozen
from tasks.writing.sheets import finished_workbook, height_for, new_workbook, printable, put, widths

LETTERS, FILES = "往来函件", "文件"
_HEAD = (
    "编号", "时间", "方向", "部门编码", "部门名称", "种类", "主题", "对方", "状态", "文件数", "说明",
)  # fmt: skip
_FILE_HEAD = ("编号", "时间", "方向", "部门名称", "文件名", "大小（字节）", "摘要（sha256）")
_WIDTHS = (9.0, 17.0, 6.0, 10.0, 24.0, 18.0, 44.0, 26.0, 18.0, 8.0, 50.0)
_FILE_WIDTHS = (9.0, 17.0, 6.0, 24.0, 50.0, 14.0, 70.0)


class LedgerFile(Frozen):
    """One file of an entry (往来文件). ``place`` is its copy, relative to the page, where one was laid out."""

    name: str
    sha256: str
    size: int | None = None
    place: str | None = None


class LedgerEntry(Frozen):
    """One letter or delivery (往来记录): ``number`` is 收12 for receipt 12, 发34 for letter 34; ``at`` is local time."""

    number: str
    at: datetime
    inbound: bool
    code: str = ""
    department: str = ""
    kind: str
    subject: str = ""
    counterpart: str = ""
    state: str
    remark: str = ""
    files: tuple[LedgerFile, ...] = ()

    @property
    def direction(self) -> str:
        """Which way it went (方向)."""
        return "收" if self.inbound else "发"

    @property
    def when(self) -> str:
        """The moment as it is printed (时间)."""
        return f"{self.at:%Y-%m-%d %H:%M}"


class CorrespondenceView(Frozen):
    """The ledger (往来函件台账内容) of a year, or of one department in it."""

    bureau: str
    fiscal_year: int
    department: str | None = None
    entries: tuple[LedgerEntry, ...]

    @property
    def title(self) -> str:
        """The heading (标题)."""
        return f"{self.department or ''}{self.fiscal_year}年度绩效评价往来函件台账"

    @property
    def summary(self) -> str:
        """How many went which way (汇总)."""
        came = sum(1 for entry in self.entries if entry.inbound)
        files = sum(len(entry.files) for entry in self.entries)
        return f"共{len(self.entries)}件：收{came}件，发{len(self.entries) - came}件；文件{files}个。按时间先后排列。"


def write_correspondence(view: CorrespondenceView) -> bytes:
    """The ledger as a workbook (往来函件台账, .xlsx): one sheet of letters, one of files with their digests."""
    book = new_workbook(view.title, view.bureau)
    sheet = book.create_sheet(LETTERS)
    _start(sheet, view, _HEAD, _WIDTHS)
    for row, entry in enumerate(view.entries, 4):
        values: tuple[str | int, ...] = (
            entry.number,
            entry.when,
            entry.direction,
            entry.code,
            entry.department,
            entry.kind,
            entry.subject,
            entry.counterpart,
            entry.state,
            len(entry.files),
            entry.remark,
        )
        for column, value in enumerate(values, 1):
            put(sheet, row, column, value, style="number" if isinstance(value, int) else "text")
        wrapped = [(v, wide) for v, wide in zip(values, _WIDTHS, strict=True) if isinstance(v, str)]
        sheet.row_dimensions[row].height = height_for(wrapped, least=1)
    sheet = book.create_sheet(FILES)
    _start(sheet, view, _FILE_HEAD, _FILE_WIDTHS)
    rows = [(entry, file) for entry in view.entries for file in entry.files]
    for row, (entry, file) in enumerate(rows, 4):
        texts = (entry.number, entry.when, entry.direction, entry.department, file.name)
        for column, text in enumerate(texts, 1):
            put(sheet, row, column, text)
        put(sheet, row, 6, file.size, style="number")
        put(sheet, row, 7, file.sha256)
        sheet.row_dimensions[row].height = height_for([(file.name, _FILE_WIDTHS[4])], least=1)
    return finished_workbook(book)


def _start(sheet: Worksheet, view: CorrespondenceView, head: tuple[str, ...], wide: tuple[float, ...]) -> None:
    put(sheet, 1, 1, view.title, style="title", span=len(head))
    put(sheet, 2, 1, view.summary, style="note", span=len(head))
    sheet.row_dimensions[1].height, sheet.row_dimensions[2].height = 30, 22
    for column, label in enumerate(head, 1):
        put(sheet, 3, column, label, style="head")
    widths(sheet, wide)
    printable(sheet, header_row=3)
    sheet.freeze_panes = "B4"
    last = 3 + (len(view.entries) if head is _HEAD else sum(len(e.files) for e in view.entries))
    sheet.auto_filter.ref = f"A3:{chr(ord('A') + len(head) - 1)}{last}"
