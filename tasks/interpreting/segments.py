"""Cutting a file into reports (材料分段): final accounts, overall report, project reports and tables, in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from models.document import Block, Document, Paragraph, Source, Table
from models.facts import ReportKind
from tasks.interpreting.grid import place_of
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.text import ENUMERATOR, folded, squeezed

MOST_TITLE = 60
ORDER = (
    ("final_accounts", ReportKind.FINAL_ACCOUNTS),
    ("department", ReportKind.DEPARTMENT),
    ("project", ReportKind.PROJECT),
)


@dataclass
class Segment:
    """The part of a file that is one report (一份报告的范围)."""

    kind: ReportKind
    title: str
    source: Source
    id: str = ""
    blocks: list[Block] = field(default_factory=list)
    heading: list[str] = field(default_factory=list)
    is_table: bool = False

    def paragraphs(self) -> Iterator[Paragraph]:
        """Its paragraphs, in order."""
        return (block for block in self.blocks if isinstance(block, Paragraph))

    def tables(self) -> Iterator[Table]:
        """Its tables, in order."""
        return (block for block in self.blocks if isinstance(block, Table))


def segments(document: Document) -> list[Segment]:
    """The reports of a file (分段结果), ids r1, r2 …; a file without any title is one report of its content's kind."""
    found: list[Segment] = []
    blocks = list(document.blocks)
    waiting: list[Block] = []
    index = 0
    while index < len(blocks):
        block = blocks[index]
        taken = 1
        opened: Segment | None = None
        if isinstance(block, Table):
            opened = _of_table(block, waiting, found)
        else:
            opened, taken = _of_title(blocks, index, found)
        if opened is not None and not any(opened is one for one in found):
            found.append(opened)
        current = opened or (found[-1] if found else None)
        if current is None or (opened is None and _belongs_ahead(block)):
            waiting.extend(blocks[index : index + taken])
        else:
            current.blocks.extend([*waiting, *blocks[index : index + taken]])
            waiting = []
        if opened is not None and any(opened is one for one in found) and found[-1] is not opened:
            found.remove(opened)
            found.append(opened)
        index += taken
    return _numbered(found or [_untitled(document)], waiting, document)


def _numbered(found: list[Segment], waiting: list[Block], document: Document) -> list[Segment]:
    if found and found[-1].blocks is not document.blocks:
        found[-1].blocks.extend(waiting)
    position = {id(block): number for number, block in enumerate(document.blocks)}
    found.sort(key=lambda one: position.get(id(one.blocks[0]), 0) if one.blocks else 0)
    for number, segment in enumerate(found, start=1):
        segment.id = f"r{number}"
    return found


def _belongs_ahead(block: Block) -> bool:
    """附件2 alone on its line opens what follows; it does not close what came before."""
    return isinstance(block, Paragraph) and bool(_annex().fullmatch(squeezed(block.full_text)))


def _annex() -> re.Pattern[str]:
    return re.compile(lexicon().identity["titles"]["annex"])


def _of_title(blocks: list[Block], index: int, found: list[Segment]) -> tuple[Segment | None, int]:
    """A report title at ``index``, broken over up to three short lines, and how many lines it takes."""
    lines: list[str] = []
    for offset, block in enumerate(blocks[index : index + 4]):
        if not isinstance(block, Paragraph) or not _may_be_title(block):
            break
        lines.append(folded(block.full_text))
        joined = _annex().sub("", "".join(lines)).strip()
        kind = title_kind(joined)
        if kind is None or len(squeezed(joined)) > MOST_TITLE:
            continue
        taken, title = offset + 1, joined
        extra = _subtitle(blocks, index + taken)
        if extra:
            title, taken = f"{title}{extra}", taken + 1
        part = lexicon().identity["titles"]["part"]
        if kind is ReportKind.FINAL_ACCOUNTS and re.match(part, squeezed(title)):
            earlier = next((one for one in found if one.kind is kind), None)
            if earlier is not None:
                return earlier, taken
        return Segment(kind, title, block.place, heading=[*lines, extra]), taken
    return None, 1


def _subtitle(blocks: list[Block], index: int) -> str:
    """A bracketed line under a title: （2024年度）, （驻村补贴项目）."""
    if index < len(blocks) and isinstance(block := blocks[index], Paragraph):
        text = folded(block.full_text)
        if len(text) <= 40 and re.fullmatch(r"[（(].*[)）]", text):
            return text
    return ""


def _may_be_title(block: Paragraph) -> bool:
    text = squeezed(block.full_text)
    if not text or len(text) > MOST_TITLE or text[-1] in "。；;，,、：:" and not _annex().fullmatch(text):
        return False
    return not ENUMERATOR.match(text) and "......" not in text and not re.search(r"…{2,}\d*$|\.{4,}\d*$", text)


def title_kind(text: str) -> ReportKind | None:
    """What kind of report a title announces (标题所示报告种类), or None where it is no title."""
    plain = squeezed(text)
    titles = lexicon().identity["titles"]
    for name, kind in ORDER:
        if any(re.fullmatch(pattern, plain) for pattern in titles[name]):
            return kind
    if any(re.fullmatch(pattern, plain) for pattern in titles["other"]):
        return ReportKind.DEPARTMENT
    return None


def _of_table(table: Table, waiting: list[Block], found: list[Segment]) -> Segment | None:
    """The report that a table opens: a project's form is one by itself, the department's form belongs to its report."""
    title_cell = next((cell for cell in table.cells if cell.row <= 2 and squeezed(cell.text)), None)
    title = folded(title_cell.text) if title_cell is not None else ""
    kind = title_kind(title) if title_cell is not None and title_cell.column_span >= table.columns else None
    source = place_of(title_cell) if title_cell is not None else table.place
    is_form = _has_label(table, "project_name")
    if kind is None and is_form and found and found[-1].kind is ReportKind.PROJECT and not found[-1].is_table:
        if not _has_form(found[-1]):
            return None
        kind, title = ReportKind.PROJECT, _form_title(table)
    elif kind is None and is_form:
        kind, title = ReportKind.PROJECT, _form_title(table)
    elif kind is None and not found:
        kind = ReportKind.DEPARTMENT if _has_label(table, "department") else None
    if kind is None:
        return None
    if kind is not ReportKind.PROJECT:
        same = next((one for one in reversed(found) if one.kind is kind), None)
        if same is not None:
            return same
    if kind is ReportKind.PROJECT and found and found[-1].kind is kind and not any(found[-1].tables()) and not waiting:
        return None
    return Segment(kind, title, source, heading=[title], is_table=True)


def _has_form(segment: Segment) -> bool:
    return any(_has_label(table, "project_name") for table in segment.tables())


def _form_title(table: Table) -> str:
    for left, right in zip(table.cells, table.cells[1:], strict=False):
        if lexicon().pairs.name(left.text) == "project_name":
            return folded(right.text)
    return "项目支出绩效自评表"


def _has_label(table: Table, name: str) -> bool:
    """Whether a form label stands in the first column of one of the first rows, with its value beside it."""
    for left, right in zip(table.cells, table.cells[1:], strict=False):
        beside = left.row == right.row and lexicon().pairs.name(left.text) == name
        if beside and left.row <= 8 and not lexicon().project_list_columns.name(right.text):
            return True
    return False


def _untitled(document: Document) -> Segment:
    text = squeezed("".join(one.text for one in document.paragraphs()))[:3000]
    kind = ReportKind.PROJECT if "整体" not in text and "项目绩效" in text else ReportKind.DEPARTMENT
    first = next(iter(document.blocks), None)
    title = folded(first.text)[:MOST_TITLE] if isinstance(first, Paragraph) else document.file.name
    segment = Segment(kind, title, first.place if first is not None else Source(), heading=[title])
    segment.blocks = list(document.blocks)
    return segment
