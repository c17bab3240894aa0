"""The year's report on remediation (年度整改情况报告): how many items, how far, how old, which ones remain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from models.document import Frozen
from models.states import RectificationState
from tasks.writing.ageing import Age, ageing_grid, ages
from tasks.writing.board import BoardItem
from tasks.writing.dates import chinese_date
from tasks.writing.imprint import imprint
from tasks.writing.notice import broken_title
from tasks.writing.official import (
    add_grid,
    addressee,
    annex_mark,
    attachment_list,
    body_markup,
    finished,
    number_and_rule,
    official_document,
    red_head,
    signature,
    title_lines,
)
from tasks.writing.templates import filled
from tasks.writing.word_tables import Box, Grid

_SHADE = "EDEDED"


class RectificationReportView(Frozen):
    """What the report says (整改情况报告内容), as of ``today``."""

    bureau: str
    document_number: str
    fiscal_year: int
    today: date
    items: tuple[BoardItem, ...]
    addressees: str = "县人民政府"
    office: str = ""


def write_rectification_report(view: RectificationReportView) -> bytes:
    """The report (年度整改情况报告, .docx) with the open items as its attachment."""
    title = f"关于{view.fiscal_year}年度预算绩效评价整改情况的报告"
    remaining = [item for item in view.items if item.state is not RectificationState.VERIFIED]
    remaining.sort(key=lambda item: (item.due_on, item.department, item.number))
    counts = [(state.label, sum(1 for item in view.items if item.state is state)) for state in RectificationState]
    found = ages(view.items, view.today)
    annexes = _annexes(remaining, found, view)
    document = official_document(title, view.bureau)
    red_head(document, view.bureau)
    number_and_rule(document, view.document_number or f"〔{view.today.year}〕　　号")
    title_lines(document, broken_title(view.bureau, title))
    addressee(document, view.addressees)
    values: dict[str, Any] = {
        "departments": len({item.department for item in view.items}),
        "closed": len(view.items) - len(remaining),
        "counts": [(label, count) for label, count in counts if count],
        "ages": [(age.label, age.total) for age in found if age.total],
        "carried": sum(item.state is RectificationState.CARRIED_OVER for item in view.items),
        "repeated": [item for item in view.items if item.repeats],
        "remaining": remaining,
        "annexes": annexes,
    }
    body_markup(document, filled("documents/rectification_report.txt.j2", view=view, **values))
    attachment_list(document, list(annexes))
    signature(document, view.bureau, view.today)
    for number, (name, grid) in enumerate(annexes.items(), 1):
        annex_mark(document, f"附件{number}" if len(annexes) > 1 else "附件")
        title_lines(document, [name], blank_above=0, space_after=8)
        add_grid(document, grid)
    imprint(document, view.office or f"{view.bureau}办公室", view.today)
    return finished(document)


def _annexes(remaining: Sequence[BoardItem], found: Sequence[Age], view: RectificationReportView) -> dict[str, Grid]:
    """What is attached (附件), by name: what remains, how old it is, and what came back from the year before."""
    made = {}
    if remaining:
        made["未销号整改事项清单"] = _remaining(remaining, view.today)
    if any(age.total for age in found):
        made["未销号整改事项账龄"] = ageing_grid(found)
    repeated = [item for item in view.items if item.repeats]
    if repeated:
        made["重复出现的问题"] = _repeated(repeated)
    return made


def _repeated(items: Sequence[BoardItem]) -> Grid:
    rows = [[Box(label, bold=True, shade=_SHADE) for label in ("部门", "序号", "问题", "以前提出", "状态")]]
    for item in items:
        rows.append(
            [
                Box(item.department, align="left"),
                Box(str(item.number)),
                Box(item.problem, align="left"),
                Box(item.repeats),
                Box(item.state.label),
            ]
        )
    return Grid((34, 12, 62, 30, 22), rows, size=10)


def _remaining(items: Sequence[BoardItem], today: date) -> Grid:
    labels = ("部门", "序号", "问题", "完成时限", "状态", "超期（天）")
    rows = [[Box(label, bold=True, shade=_SHADE) for label in labels]]
    for item in items:
        past = (today - item.due_on).days
        rows.append(
            [
                Box(item.department, align="left"),
                Box(str(item.number)),
                Box(item.problem, align="left"),
                Box(chinese_date(item.due_on)),
                Box(item.state.label),
                Box(str(past) if past > 0 else "—"),
            ]
        )
    return Grid((34, 12, 56, 22, 20, 16), rows, size=10)
