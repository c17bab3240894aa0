"""Cutting a file into reports (材料分段): final accounts, overall report, project reports and tables, in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from models.document import Block, Document, Paragraph, Source, Table
from models.facts import ReportKind
from tasks.interpreting.grid import place_of
from tasks.interpreting.lexicon import lexicon
from tasks.interpreting.text import ENUMERATOR, folded, squeezed

MOST_TITLE = 60
MOST_LINES = 4
DATE_LINE = re.compile(r"[二2][\d〇○零O][\d一二三四五六七八九〇零]{2}年.{1,3}月(.{1,3}日)?")


@dataclass
class Segment:
    """The part of a file that is one report (一份报告的范围). ``heading`` holds the lines its title was printed on."""

    kind: ReportKind
    title: str
    source: Source
    id: str = ""
    blocks: list[Block] = field(default_factory=list)
    heading: list[str] = field(default_factory=list)
    from_table: bool = False

    def paragraphs(self) -> Iterator[Paragraph]:
        """Its paragraphs, in order."""
        return (block for block in self.blocks if isinstance(block, Paragraph))

    def tables(self) -> Iterator[Table]:
        """Its tables, in order."""
        return (block for block in self.blocks if isinstance(block, Table))


def segments(document: Document) -> list[Segment]:
    """The reports of a file (分段结果), ids r1, r2 …; a file without any title is one report of its content's kind."""
    found: list[Segment] = []
    ahead: list[Block] = []
    current: Segment | None = None
    blocks = document.blocks
    index = 0
    while index < len(blocks):
        opened, taken = _opened(blocks, index, found, ahead)
        if opened is not None:
            current = _same_report(opened, found)
            if current is None:
                found.append(opened)
                current = opened
        if current is None:
            ahead.extend(blocks[index : index + taken])
        else:
            current.blocks.extend([*ahead, *blocks[index : index + taken]])
            ahead = []
        index += taken
    found = _without_bare_titles(found)
    if not found:
        found = [_untitled(document)]
    for number, segment in enumerate(found, start=1):
        segment.id = f"r{number}"
    return found


def _opened(
    blocks: Sequence[Block], index: int, found: list[Segment], ahead: list[Block]
) -> tuple[Segment | None, int]:
    block = blocks[index]
    if isinstance(block, Table):
        return _of_table(block, found, ahead), 1
    return _of_title(blocks, index)


def _same_report(opened: Segment, found: list[Segment]) -> Segment | None:
    """The earlier report that a title takes up again: the parts of the final accounts, the tables of the overall report."""
    earlier = [one for one in found if one.kind is opened.kind]
    if not earlier or opened.kind is ReportKind.PROJECT:
        return None
    repeats = any(squeezed(one.title) == squeezed(opened.title) for one in earlier)
    is_form = opened.from_table or squeezed(opened.title).rstrip(")").split("(")[0].endswith("表")
    if opened.kind is ReportKind.FINAL_ACCOUNTS or repeats or is_form:
        return earlier[-1]
    return None


def _without_bare_titles(found: list[Segment]) -> list[Segment]:
    """A title with nothing under it is a line of a list of annexes: it goes back to the report before it."""
    kept: list[Segment] = []
    for segment in found:
        bare = not segment.from_table and not any(segment.tables()) and sum(1 for _ in segment.paragraphs()) <= 2
        if bare and kept and segment.kind is ReportKind.PROJECT:
            kept[-1].blocks.extend(segment.blocks)
        else:
            kept.append(segment)
    return kept


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(lexicon().identity["titles"][name])


def _of_title(blocks: Sequence[Block], index: int) -> tuple[Segment | None, int]:
    """A report title at ``index``, behind 附件N and broken over a few short lines, and how many lines it takes."""
    lines: list[str] = []
    for offset, block in enumerate(blocks[index : index + MOST_LINES]):
        if not isinstance(block, Paragraph) or not _may_be_title(block):
            break
        line = folded(_pattern("annex").sub("", folded(block.full_text)))
        if _pattern("part").match(squeezed(line)) and title_kind(line) is None:
            line = ""
        if line:
            lines.append(line)
        title = "".join(lines)
        kind = title_kind(title) if line else None
        if kind is None or len(squeezed(title)) > MOST_TITLE:
            continue
        taken = offset + 1
        subtitle = _subtitle(blocks, index + taken)
        heading = [*lines, subtitle] if subtitle else lines
        return Segment(kind, title + subtitle, block.place, heading=heading), taken + bool(subtitle)
    return None, 1


def _subtitle(blocks: Sequence[Block], index: int) -> str:
    """A bracketed line under a title: （2024年度）, （驻村补贴项目）."""
    if index < len(blocks) and isinstance(block := blocks[index], Paragraph):
        text = folded(block.full_text)
        if len(text) <= 40 and re.fullmatch(r"[（(].*[)）]", text):
            return text
    return ""


def _may_be_title(block: Paragraph) -> bool:
    text = squeezed(block.full_text)
    if not text or len(text) > MOST_TITLE or DATE_LINE.fullmatch(text):
        return False
    if _pattern("annex").match(text):
        return True
    if _pattern("not_title").search(text):
        return False
    is_sentence = text[-1] in "。；;，,、：:"
    return not is_sentence and not ENUMERATOR.match(text) and not re.search(r"(?:…|\.{4,}|·{3,}).*\d*$", text)


def title_kind(text: str) -> ReportKind | None:
    """What kind of report a title announces (标题所示报告种类), or None where it is no title."""
    plain = squeezed(text)
    for kind in ReportKind:
        if any(re.fullmatch(pattern, plain) for pattern in lexicon().identity["titles"][kind.value]):
            return kind
    return None


def _of_table(table: Table, found: list[Segment], ahead: list[Block]) -> Segment | None:
    """The report that a table opens: a project's form is one by itself unless a title above announced it."""
    title = _title_cell(table)
    last = found[-1] if found else None
    announced = last is not None and last.kind is ReportKind.PROJECT and not _has_form(last)
    if title is not None:
        kind = title_kind(title[0])
        if (
            kind is ReportKind.PROJECT
            and announced
            and last is not None
            and not last.from_table
            and not any(last.tables())
        ):
            return None
        if kind is not None:
            return Segment(kind, title[0], title[1], heading=[title[0]], from_table=True)
    form = _form_name(table)
    if form is not None and not announced:
        return Segment(ReportKind.PROJECT, form[0], form[1], heading=[], from_table=True)
    if last is None and not ahead and _value_of(table, "department") is not None:
        return Segment(ReportKind.DEPARTMENT, "部门整体支出绩效自评表", table.place, from_table=True)
    return None


def _title_cell(table: Table) -> tuple[str, Source] | None:
    """The text that stands alone in one of the first rows, with its year below it."""
    lines: list[tuple[str, Source]] = []
    for row in range(1, min(4, table.rows) + 1):
        cells = [cell for cell in table.cells if cell.row == row and squeezed(cell.text)]
        if len(cells) != 1:
            break
        lines.append((folded(cells[0].text), place_of(cells[0])))
    titles = [line for line in lines if title_kind(line[0]) is not None]
    if not titles:
        return None
    years = [text for text, _ in lines if re.fullmatch(r"\(20\d\d年度?\)", squeezed(text))]
    return titles[0][0] + "".join(years[:1]), titles[0][1]


def _has_form(segment: Segment) -> bool:
    return any(_form_name(table) is not None for table in segment.tables())


def _form_name(table: Table) -> tuple[str, Source] | None:
    return _value_of(table, "project_name")


def _value_of(table: Table, name: str) -> tuple[str, Source] | None:
    """The value beside a form label in one of the first rows; a column header of that name is no form."""
    for left, right in zip(table.cells, table.cells[1:], strict=False):
        beside = left.row == right.row and left.row <= 8 and lexicon().pairs.name(left.text) == name
        if beside and squeezed(right.text) and not lexicon().project_list_columns.name(right.text):
            return folded(right.text), place_of(right)
    return None


def _untitled(document: Document) -> Segment:
    text = squeezed("".join(one.text for one in document.paragraphs()))[:3000]
    kind = ReportKind.PROJECT if "整体" not in text and "项目绩效" in text else ReportKind.DEPARTMENT
    first = next(iter(document.blocks), None)
    title = folded(first.text)[:MOST_TITLE] if isinstance(first, Paragraph) else document.file.name
    segment = Segment(kind, title, first.place if first is not None else Source(), heading=[title])
    segment.blocks = list(document.blocks)
    return segment
