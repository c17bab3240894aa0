"""Whole lists of a year for staff to search (清单): every finding with its number, every letter with its state. Reads only."""

from __future__ import annotations

from typing import Any

from sqlmodel import col, select

from models.checks import title_of
from models.facts import Severity
from models.records import Department, Letter
from models.states import LetterKind
from tasks import clock, lookup, store
from tasks.stages import findings

# In the order in which staff care for them; what was recomputed and found right is in the workbook.
SHOWN = {Severity.ERROR: "前后不一致", Severity.QUESTION: "需要判断"}


def findings_table(fiscal_year: int) -> list[dict[str, Any]]:
    """The findings of the material that counts (疑点一览), with the number that the form to dismiss one asks for."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        return [
            {
                "疑点编号": row.id,
                "代码": department.code,
                "部门": department.name,
                "性质": SHOWN[Severity(row.severity)],
                "类别": title_of(row.code),
                "疑点": row.message,
                "处理": f"{row.dismissed_by}已排除：{row.dismissed_because}" if row.dismissed_by else "待处理",
            }
            for submission, department in lookup.submissions(db, cycle)
            for row in findings.records(db, submission)
            if row.severity in SHOWN
        ]


def letters_table(fiscal_year: int) -> list[dict[str, Any]]:
    """Every letter of the year (函件一览), newest first; the staff's own alerts aside."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        names = {department.id: department.name for department in db.exec(select(Department))}
        query = select(Letter).where(Letter.cycle_id == cycle.id, Letter.kind != LetterKind.STAFF_ALERT)
        return [
            {
                "函件编号": letter.id,
                "部门": names.get(letter.department_id or 0),
                "函件": letter.kind.label,
                "收件人": letter.to_name,
                "状态": letter.state.label,
                "发送日期": clock.local_date(letter.sent_at) if letter.sent_at else None,
                "备注": letter.error,
            }
            for letter in db.exec(query.order_by(col(Letter.id).desc()))
        ]
