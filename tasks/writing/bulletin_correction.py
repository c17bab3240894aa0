"""The bulletin of a corrected edition (更正通报): what was published, what it should have been, why, and the table as it now is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from models.published import PublishedChange
from tasks.writing.bulletin import BulletinView, head, ranking, totals
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

_CHANGES = "更正事项"


def write_correcting_bulletin(view: BulletinView) -> bytes:
    """The correcting bulletin (更正通报, .docx). Raises ValueError for results that correct nothing."""
    results = view.results
    if results.correction is None:
        raise ValueError(f"第{results.edition}版不是更正版，不能生成更正通报。")
    title = view.title or f"关于更正{results.fiscal_year}年度部门预算绩效评价结果的通报"
    changes = [change for change in results.revisions if change.kind == "result"]
    annexes = [_CHANGES] * bool(changes) + [f"{results.fiscal_year}年度部门预算绩效评价结果（第{results.edition}版）"]
    document = official_document(title, view.bureau)
    red_head(document, view.bureau)
    number_and_rule(document, view.document_number)
    title_lines(document, broken_title(view.bureau, title))
    addressee(document, view.addressees)
    values: dict[str, Any] = totals(view) | {
        "correction": results.correction,
        "before": date.fromisoformat(results.correction.published_on),
        "departments": list(dict.fromkeys(change.department for change in changes)),
        "moved": len({change.code for change in results.revisions if change.kind == "rank"}),
        "gone": int(results.correction.withdrawn),
    }
    body_markup(document, filled("documents/bulletin_correction.txt.j2", view=view, annexes=annexes, **values))
    attachment_list(document, annexes)
    signature(document, view.bureau, view.issued_on)
    for number, annex in enumerate(annexes, 1):
        annex_mark(document, f"附件{number}" if len(annexes) > 1 else "附件")
        title_lines(document, [annex], blank_above=0, space_after=8)
        add_grid(document, _changes(changes) if annex == _CHANGES else ranking(results.departments))
    imprint(document, view.office or f"{view.bureau}办公室", view.issued_on, view.copied_to)
    return finished(document)


def _changes(changes: Sequence[PublishedChange]) -> Grid:
    """The changes as a table (更正事项表), a department's name once."""
    rows = [head(("部门", "事项", "原公布", "更正为", "原因"))]
    last = ""
    for change in changes:
        again = change.code == last
        rows.append(
            [
                Box("" if again else change.department, align="left", merge="continue" if again else "restart"),
                Box(change.item),
                Box(change.before or "—"),
                Box(change.after or "—"),
                Box(change.why, align="left"),
            ]
        )
        last = change.code
    return Grid((42, 28, 24, 24, 42), rows, size=10.5, row_height=8)
