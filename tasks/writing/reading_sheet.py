"""The review sheet of a reading (审读表): what was read beside its source, doubtful things first, to correct and hand back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from openpyxl.worksheet.worksheet import Worksheet

from models.correctable import QUESTIONS, Fact, ValueKind, catalogue, facts_in
from models.correction_entry import BLANK, WITHDRAW
from models.corrections import Correction, in_force, told
from models.document import Frozen, Source
from models.facts import Question, ReportFacts
from models.numbers import Number
from models.states import Labelled
from tasks.writing.fingerprint import Fingerprint
from tasks.writing.sheets import (
    comment,
    finished_workbook,
    lock,
    new_workbook,
    printable,
    put,
    widths,
)

KIND, SHEET = "reading", "审读表"
HEAD_ROW, FIRST_ROW = 4, 5


class Attention(Labelled):
    """How much a row needs a person (关注程度), in the order of the sheet."""

    AGAIN = "again", "须重新确认"
    QUESTION = "question", "待答复"
    UNCERTAIN = "uncertain", "把握不大"
    CORRECTED = "corrected", "已更正或确认"
    READ = "read", "已读取"
    BLANK = "blank", "空白或未写明"


class Columns:
    """Columns of the sheet (审读表的栏目)."""

    NUMBER, ATTENTION, LABEL, VALUE, QUOTE, PLACE, CONFIDENCE, NOTE, CORRECTED, REASON, WHO, PATH = range(1, 13)
    LABELS = {
        "序号": "",
        "关注程度": "须重新确认、待答复、把握不大的排在前面，请先核对这些行。",
        "事项": "",
        "读取值": "程序从材料中读取的内容；空白表示材料此处空白或没有写明，不等于0。",
        "原文": "读取值所在单元格或句子的原文。",
        "出处": "在材料中的位置。",
        "把握": "程序对读取结果的把握，0至1；空白表示确定。",
        "说明": "",
        "更正后的值": f"只填需要更正或确认的行；材料此处实为空白的填{BLANK}；撤销以前的更正填{WITHDRAW}；待答复的填写答复。",
        "更正理由": "填写了更正后的值的，必填。",
        "更正人": "填写了更正后的值的，必填姓名。",
        "事实编号": "系统使用，请勿改动。",
    }


class SheetRow(Frozen):
    """One row of the sheet (审读表的一行). ``fact`` is the fact as read, without corrections."""

    attention: Attention
    fact: Fact
    note: str = ""


class ReadingSheetView(Frozen):
    """One version's review sheet (审读表). ``current`` are the values that count now, by path, for bounds."""

    fiscal_year: int
    code: str
    department: str
    bureau: str
    version: int
    files: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    current: dict[str, str | None]


def reading_sheet_rows(
    read: ReportFacts, facts: ReportFacts, again: Sequence[Question], corrections: Iterable[Correction]
) -> tuple[tuple[SheetRow, ...], dict[str, str | None]]:
    """The rows of a sheet and the values that count (审读表内容), from a reading and what ``apply_corrections`` made of it."""
    found, now = facts_in(read), facts_in(facts)
    known = in_force(corrections)
    unsettled = {question.field: question for question in again}
    rows = [_row(fact, now.get(path), known.get(path), unsettled.get(path)) for path, fact in found.items()]
    rows += [
        SheetRow(attention=Attention.AGAIN, fact=_lost(known[path]), note=question.message)
        for path, question in unsettled.items()
        if path not in found
    ]
    order = list(Attention)
    rows.sort(key=lambda row: order.index(row.attention))
    return tuple(rows), {path: fact.value for path, fact in (found | now).items()}


def _row(fact: Fact, now: Fact | None, correction: Correction | None, again: Question | None) -> SheetRow:
    if again is not None:
        return SheetRow(attention=Attention.AGAIN, fact=fact, note=again.message)
    settled = now is None or now.value != fact.value
    if correction is not None and not correction.withdrawn and (settled or correction.value == fact.value):
        note = f"{correction.who}于{correction.on.isoformat()}更正为{told(correction.value)}，理由：{correction.reason}"
        return SheetRow(attention=Attention.CORRECTED, fact=fact, note=note)
    return SheetRow(attention=_attention(fact), fact=fact)


def _attention(fact: Fact) -> Attention:
    if fact.path.startswith(f"{QUESTIONS}/"):
        return Attention.QUESTION
    if fact.confidence is not None and fact.confidence < catalogue().limits.uncertain_below and fact.value is not None:
        return Attention.UNCERTAIN
    return Attention.BLANK if fact.value is None else Attention.READ


def _lost(correction: Correction) -> Fact:
    """A corrected value that the newer material does not hold any more: it can only be taken back."""
    return Fact(path=correction.path, label=correction.label, kind=ValueKind.TEXT, value=None)


def reading_mark(view: ReadingSheetView) -> Fingerprint:
    """The mark of one review sheet (审读表标识)."""
    return Fingerprint(KIND, view.fiscal_year, view.code, view.version)


def write_reading_sheet(view: ReadingSheetView) -> bytes:
    """The review sheet of one version (审读表, .xlsx). Equal content gives equal bytes."""
    mark = reading_mark(view)
    book = new_workbook(f"{view.fiscal_year}年度{view.department}审读表", view.bureau, mark)
    sheet = book.create_sheet(SHEET)
    _head(sheet, view)
    for row, one in enumerate(view.rows, FIRST_ROW):
        _write(sheet, row, one)
    if view.rows:
        last = FIRST_ROW + len(view.rows) - 1
        sheet.auto_filter.ref = f"A{HEAD_ROW}:K{last}"
    widths(sheet, (6, 12, 34, 20, 44, 20, 7, 36, 20, 26, 10, 12))
    sheet.column_dimensions["L"].hidden = True
    sheet.freeze_panes = sheet.cell(FIRST_ROW, Columns.VALUE)
    lock(sheet)
    sheet.protection.autoFilter = False
    printable(sheet, header_row=HEAD_ROW)
    return finished_workbook(book, mark)


def _head(sheet: Worksheet, view: ReadingSheetView) -> None:
    last = Columns.WHO
    put(sheet, 1, 1, f"{view.fiscal_year}年度绩效自评材料审读表", style="title", span=last)
    files = "、".join(view.files)
    subtitle = f"部门：{view.department}（{view.code}）　第{view.version}版　文件：{files}"
    put(sheet, 2, 1, subtitle, style="note", span=last)
    put(sheet, 3, 1, _summary(view), style="note", span=last)
    sheet.row_dimensions[1].height, sheet.row_dimensions[3].height = 30, 46
    for column, (label, help_text) in enumerate(Columns.LABELS.items(), 1):
        cell = put(sheet, HEAD_ROW, column, label, style="head")
        if help_text:
            comment(cell, help_text)
    sheet.row_dimensions[HEAD_ROW].height = 30


def _summary(view: ReadingSheetView) -> str:
    counts = [(one.label, sum(row.attention is one for row in view.rows)) for one in Attention]
    told_counts = "，".join(f"{label}{count}项" for label, count in counts if count)
    return (
        f"共{len(view.rows)}项：{told_counts}。请对照原件核对，在浅黄色单元格填写更正后的值、更正理由和更正人；不需要更正的行留空。"
        f"材料此处实为空白的填{BLANK}，撤销以前更正的填{WITHDRAW}。数字不带单位（指标值、完成值除外）。填好后用“更正读取结果”交回。"
    )


def _write(sheet: Worksheet, row: int, one: SheetRow) -> None:
    fact = one.fact
    confidence: Number | str = fact.confidence if fact.confidence is not None else ""
    put(sheet, row, Columns.NUMBER, row - FIRST_ROW + 1, style="fixed")
    put(sheet, row, Columns.ATTENTION, one.attention.label, style="fixed")
    put(sheet, row, Columns.LABEL, fact.label)
    put(sheet, row, Columns.VALUE, fact.value or "", style="fixed")
    put(sheet, row, Columns.QUOTE, _quote(fact.source))
    put(sheet, row, Columns.PLACE, fact.source.spoken() if fact.source else "")
    put(sheet, row, Columns.CONFIDENCE, confidence, style="fixed")
    put(sheet, row, Columns.NOTE, one.note)
    for column in (Columns.CORRECTED, Columns.REASON, Columns.WHO):
        put(sheet, row, column, None, style="input_text")
    put(sheet, row, Columns.PATH, fact.path)
    longest = max(_lines(_quote(fact.source), 22), _lines(fact.label, 17), _lines(one.note, 18), _lines(fact.value, 10))
    sheet.row_dimensions[row].height = min(15 * longest + 3, 300)


def _lines(text: str | None, characters: int) -> int:
    return 1 + len(text or "") // characters


def _quote(source: Source | None) -> str:
    return (source.quote or "") if source is not None else ""


def unsettled(view: ReadingSheetView) -> Iterator[SheetRow]:
    """The rows that wait for a person (待人工核对的行)."""
    return (row for row in view.rows if row.attention in (Attention.AGAIN, Attention.QUESTION, Attention.UNCERTAIN))
