"""The reply form that came back (整改情况反馈表回收): rows from a document, whatever format it was read from."""

from __future__ import annotations

import re
from datetime import date

from models.document import Cell, Document, Frozen, Source, Table
from tasks.writing.letters import DUE, EVIDENCE, MEASURE, NUMBER, OWNER, PROBLEM, PROGRESS

_ALIASES: dict[str, tuple[str, ...]] = {
    NUMBER: ("序号", "编号"),
    PROBLEM: ("问题", "存在问题", "存在的问题", "问题描述"),
    MEASURE: ("整改措施", "措施"),
    OWNER: ("责任人", "责任单位", "责任单位及责任人"),
    DUE: ("完成时限", "整改时限", "完成时间"),
    PROGRESS: ("完成情况", "整改情况", "整改完成情况"),
    EVIDENCE: ("佐证材料", "证明材料", "附件"),
}
_NEEDED = (NUMBER, MEASURE, PROGRESS)
_DONE = re.compile(r"^(?:已全部|已经|已|全部)?(?:整改)?(?:完成|完毕|到位|办结)|^已整改")
_NOT_DONE = re.compile(r"未完成|尚未|正在|部分|推进|拟|计划|未整改")
_DATE = re.compile(r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})")
_MOST_ROWS = 500


class RectificationReplyLine(Frozen):
    """One row of the reply (整改反馈). ``done``: True, False, or None where the words do not say."""

    number: int
    problem: str
    measure: str | None = None
    owner: str | None = None
    due_on: date | None = None
    progress: str | None = None
    evidence: str | None = None
    done: bool | None = None
    source: Source


class RectificationReply(Frozen):
    """What the form says (整改反馈结果), and what has to be asked (``problems``); rows that are right are kept."""

    lines: tuple[RectificationReplyLine, ...]
    problems: tuple[str, ...]


def rows_from_document(document: Document) -> RectificationReply:
    """The rows of every reply table in a document (读取整改反馈表). Pure; never raises on strange tables."""
    lines: dict[int, RectificationReplyLine] = {}
    problems: list[str] = []
    found = False
    for table in document.tables():
        head = _head(table)
        if head is None:
            continue
        found = True
        _take_table(table, head, lines, problems)
    if not found:
        problems.append("文件中没有找到整改情况反馈表，请使用随整改通知发送的表格填写，并保留表头。")
    if found and not lines and not problems:
        problems.append("整改情况反馈表是空的，请逐项填写后重新报送。")
    return RectificationReply(lines=tuple(lines.values()), problems=tuple(problems))


def _folded(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _head(table: Table) -> tuple[int, dict[str, int]] | None:
    """The header row and which column holds what (表头), looked for in the first rows."""
    labels = {alias: name for name, aliases in _ALIASES.items() for alias in aliases}
    for row_number, row in enumerate(table.owners()[:6]):
        columns: dict[str, int] = {}
        for column, cell in enumerate(row):
            name = labels.get(_folded(cell.text)) if cell is not None else None
            if name is not None:
                columns.setdefault(name, column)
        if all(name in columns for name in _NEEDED):
            return row_number, columns
    return None


def _take_table(
    table: Table, head: tuple[int, dict[str, int]], lines: dict[int, RectificationReplyLine], problems: list[str]
) -> None:
    start, columns = head
    owners = table.owners()
    if len(owners) > _MOST_ROWS:
        problems.append(f"表{table.number}超过{_MOST_ROWS}行，请检查文件是否有误。")
        return
    for row in owners[start + 1 :]:
        cells = {name: row[column] for name, column in columns.items()}
        texts = {name: cell.text.strip() if cell is not None else "" for name, cell in cells.items()}
        if not any(texts.values()):
            continue
        line = _line(cells, texts, table, problems)
        if line is None:
            continue
        if line.number in lines:
            problems.append(f"{_where(cells, table)}：序号{line.number}重复，请合并为一行。")
            continue
        lines[line.number] = line


def _where(cells: dict[str, Cell | None], table: Table) -> str:
    cell = cells.get(NUMBER) or next((cell for cell in cells.values() if cell is not None), None)
    return cell.place.spoken() if cell is not None and cell.place.spoken() else f"表{table.number}"


def _line(
    cells: dict[str, Cell | None], texts: dict[str, str], table: Table, problems: list[str]
) -> RectificationReplyLine | None:
    where = _where(cells, table)
    digits = re.fullmatch(r"[（(]?(\d{1,4})[)）.、．]?", _folded(texts[NUMBER]))
    if not digits:
        problems.append(f"{where}：序号“{texts[NUMBER][:20]}”无法识别，请保留整改通知中的序号。")
        return None
    number = int(digits.group(1))
    if not texts[MEASURE] and not texts[PROGRESS]:
        problems.append(f"{where}：第{number}项没有填写整改措施和完成情况，请补充。")
        return None
    due = _date(texts.get(DUE, ""))
    if texts.get(DUE) and due is None:
        problems.append(f"{where}：第{number}项的完成时限“{texts[DUE][:20]}”不是日期，请写成“2025年11月30日”的形式。")
    place = cells[NUMBER]
    return RectificationReplyLine(
        number=number,
        problem=texts.get(PROBLEM, ""),
        measure=texts[MEASURE] or None,
        owner=texts.get(OWNER) or None,
        due_on=due,
        progress=texts[PROGRESS] or None,
        evidence=texts.get(EVIDENCE) or None,
        done=_done(texts[PROGRESS]),
        source=place.place if place is not None else table.place,
    )


def _date(text: str) -> date | None:
    found = _DATE.search(text)
    if not found:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def _done(text: str) -> bool | None:
    folded = _folded(text)
    if not folded:
        return None
    if _NOT_DONE.search(folded):
        return False
    return True if _DONE.search(folded) else None
