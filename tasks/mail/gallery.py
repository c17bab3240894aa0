"""The gallery (函件样张): every kind of letter with invented contents, for staff to see before the year begins."""

from __future__ import annotations

from datetime import UTC, date, datetime
from html import escape
from pathlib import Path

from models.records import Cycle, Department
from models.states import LetterKind
from tasks.mail.compose import preview
from tasks.mail.delivery import on_paper
from tasks.mail.samples import SAMPLES


def _invented() -> tuple[Cycle, Department]:
    cycle = Cycle(
        fiscal_year=2025,
        county="青禾县",
        bureau="青禾县财政局",
        office="绩效评价股",
        ruleset_id="sichuan-2023",
        ruleset_digest="0" * 64,
        document_number="青财绩〔2026〕3号",
        opened_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    return cycle, Department(code="101", name="青禾县交通服务中心", stratum="事业单位")


_PERSONS = {
    LetterKind.ESCALATION: "程远",
    LetterKind.REVIEW_TASK: "苏宁",
    LetterKind.SECOND_REVIEW_TASK: "柏青",
    LetterKind.SETTLEMENT_TASK: "程远",
    LetterKind.REVIEW_RETURNED: "苏宁",
    LetterKind.STAFF_ALERT: "绩效评价股工作人员",
}
_ATTACHED = {
    LetterKind.NOTICE: (
        "2025年度绩效评价工作通知.docx",
        "附件1至3-部门整体支出绩效自评报告提纲和自评表.docx",
        "附件4-绩效自评工作簿-101-青禾县交通服务中心.xlsx",
    ),
    LetterKind.REVIEW_TASK: ("复核工作簿_101.xlsx",),
    LetterKind.SECOND_REVIEW_TASK: ("复核工作簿（第二复核人）_101.xlsx",),
    LetterKind.SETTLEMENT_TASK: ("复核定案表_101.xlsx",),
    LetterKind.RECTIFICATION: ("整改情况报告表-101-青禾县交通服务中心.docx",),
}
# The day each letter would be written, so that its own dates make sense.
_DATED = {
    LetterKind.NOTICE: date(2026, 3, 2),
    LetterKind.REMINDER: date(2026, 4, 25),
    LetterKind.ESCALATION: date(2026, 5, 11),
    LetterKind.RECEIPT: date(2026, 5, 7),
    LetterKind.DUPLICATE: date(2026, 5, 8),
    LetterKind.CORRECTION: date(2026, 4, 29),
    LetterKind.EXTENSION: date(2026, 4, 22),
    LetterKind.DRAWN: date(2026, 7, 6),
    LetterKind.DRAW_WITHDRAWN: date(2026, 7, 8),
    LetterKind.REVIEW_TASK: date(2026, 7, 6),
    LetterKind.SECOND_REVIEW_TASK: date(2026, 7, 6),
    LetterKind.SETTLEMENT_TASK: date(2026, 8, 14),
    LetterKind.REVIEW_RETURNED: date(2026, 8, 10),
    LetterKind.RESULT: date(2026, 9, 30),
    LetterKind.OBJECTION_RECEIVED: date(2026, 10, 12),
    LetterKind.OBJECTION_DECIDED: date(2026, 10, 20),
    LetterKind.RECTIFICATION: date(2026, 11, 2),
    LetterKind.RECTIFICATION_REMINDER: date(2026, 12, 18),
    LetterKind.RECTIFICATION_RETURNED: date(2026, 11, 30),
    LetterKind.RECTIFICATION_EXTENSION: date(2026, 11, 24),
    LetterKind.RECTIFICATION_CLOSED: date(2026, 12, 18),
    LetterKind.RECTIFICATION_CARRIED: date(2026, 12, 28),
    LetterKind.PUBLISHED: date(2026, 10, 30),
    LetterKind.STAFF_ALERT: date(2026, 5, 8),
}


def gallery(folder: Path) -> Path:
    """Write one page per kind of letter and an index (生成样张); returns the index page."""
    folder.mkdir(parents=True, exist_ok=True)
    cycle, invented = _invented()
    rows = []
    for kind, sample in SAMPLES.items():
        department = None if kind is LetterKind.STAFF_ALERT else invented
        made = preview(
            kind,
            cycle,
            department,
            sample,
            to_name=_PERSONS.get(kind),
            attachments=_ATTACHED.get(kind, ()),
            dated=_DATED.get(kind),
        )
        (folder / f"{kind.value}.html").write_text(made.html, "utf-8")
        (folder / f"{kind.value}-paper.html").write_text(on_paper(made.html), "utf-8")
        (folder / f"{kind.value}.txt").write_text(made.text, "utf-8")
        rows.append(
            f'<tr><td><a href="{kind.value}.html">{escape(kind.label)}</a></td><td>{escape(made.subject)}</td>'
            f'<td><a href="{kind.value}.txt">纯文本</a></td><td><a href="{kind.value}-paper.html">纸质</a></td></tr>'
        )
    index = folder / "index.html"
    index.write_text(_PAGE.format(rows="\n".join(rows)), "utf-8")
    return index


_PAGE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>函件样张</title><style>
body{{font-family:'Noto Serif CJK SC',SimSun,serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}}
table{{border-collapse:collapse;width:100%}} td,th{{border:1px solid #c9c9c4;padding:.4em .7em;text-align:left}}
th{{background:#f3efe9}}</style></head><body><h1>函件样张</h1>
<p>以下各种函件的内容均为虚构，仅供查看版式和措辞。</p>
<table><tr><th>种类</th><th>主题</th><th></th><th></th></tr>
{rows}
</table></body></html>
"""
