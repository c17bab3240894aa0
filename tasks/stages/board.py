"""The board (进度台账): who has been told, has answered, is late, was returned - in the UI, as a workbook, per department."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from models import calendar
from models.numbers import trimmed
from models.records import (
    Cycle,
    Department,
    Letter,
    LetterDelivery,
    MailedAgain,
    Objection,
    RectificationItem,
    Submission,
    SubmissionVersion,
)
from models.rules.cards import Outcome
from models.states import CycleState, LetterState, SubmissionState
from tasks import clock, lookup, settings, store
from tasks.mail import again, delivery
from tasks.mail import board as mail_board
from tasks.stages import double_review, rectification, refusing
from tasks.writing.board import BoardItem, BoardRow, BoardView, write_board

# A result is shown once departments have been told; before that it can still change.
TOLD_RESULTS = (CycleState.OBJECTION, CycleState.PUBLISHED, CycleState.RECTIFYING, CycleState.CLOSED)


@dataclass(frozen=True)
class Page:
    """One department's page (部门台账页): a key the UI accepts, the title, and the facts to show, in order."""

    key: str
    title: str
    facts: tuple[tuple[str, str], ...]
    letters: tuple[dict[str, Any], ...]
    items: tuple[dict[str, Any], ...]

    def fingerprint(self) -> str:
        """The same for the same content (内容摘要), so that an unchanged page need not be shown again."""
        return hashlib.sha256(repr((self.title, self.facts, self.letters, self.items)).encode()).hexdigest()


@dataclass(frozen=True)
class Board:
    """The board with its pages (进度台账)."""

    view: BoardView
    table: tuple[dict[str, Any], ...]
    pages: tuple[Page, ...]


def board(fiscal_year: int) -> Board:
    """Gather the board of a year (汇总进度台账). Reads only."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        rows: list[BoardRow] = []
        items: list[BoardItem] = []
        pages: list[Page] = []
        by_code = {
            department.code: (submission, department) for submission, department in lookup.submissions(db, cycle)
        }
        for mailed in mail_board.board(db, cycle):
            submission, department = by_code[mailed.code]
            own = rectification.items_of(db, submission)
            row = _row(db, cycle, submission, department, mailed)
            rows.append(row)
            items += [_item(department, item) for item in own]
            pages.append(_page(db, cycle, submission, department, mailed, row, own))
        view = BoardView(
            bureau=cycle.bureau,
            fiscal_year=cycle.fiscal_year,
            today=clock.today(),
            state=cycle.state.label,
            rows=tuple(rows),
            items=tuple(items),
        )
    return Board(view, tuple(_shown(row) for row in rows), tuple(pages))


def write(view: BoardView) -> Path:
    """Write the board as a workbook (进度台账工作簿) into documents/; returns its path."""
    target = settings.current().folder("documents") / f"进度台账-{view.fiscal_year}.xlsx"
    part = target.with_suffix(".part")
    part.write_bytes(write_board(view))
    part.replace(target)
    return target


def key_of(fiscal_year: int, code: str) -> str:
    """An artifact key (展示键): only small letters, digits and dashes; a code with others keeps apart by a digest."""
    plain = re.sub(r"[^a-z0-9-]", "-", code.lower())
    suffix = "" if plain == code else f"-{hashlib.sha256(code.encode()).hexdigest()[:8]}"
    return f"department-{fiscal_year}-{plain}{suffix}"


def _row(
    db: Session, cycle: Cycle, submission: Submission, department: Department, mailed: mail_board.BoardRow
) -> BoardRow:
    outcome = lookup.outcome_in_force(db, submission) if cycle.state in TOLD_RESULTS else None
    held = (f"有{mailed.quarantined}份来件隔离待查",) if mailed.quarantined else ()
    return BoardRow(
        code=department.code,
        name=department.name,
        stratum=department.stratum,
        told=_told(mailed),
        state=submission.state,
        received_on=mailed.received_on,
        versions=mailed.version or 0,
        days_late=_days_late(mailed),
        returned=mailed.returned,
        reminders=mailed.reminders + mailed.escalations,
        extended_to=submission.extended_to,
        final_score=trimmed(outcome.final_score) if outcome and outcome.final_score is not None else "",
        remark="；".join((*_brought(mailed), *mailed.trouble, *held)),
    )


def _told(mailed: mail_board.BoardRow) -> str:
    if mailed.notified_on is not None:
        return f"{mailed.notified_on.isoformat()}{mailed.notified_by or '已发送'}"
    if mailed.letters_to_bring:
        return "待另行送达"
    if mailed.notice_returned:
        return mailed.notice_returned
    return "待发送" if mailed.letters_waiting else "未发送"


def _brought(mailed: mail_board.BoardRow) -> Iterator[str]:
    """What staff should know of a department that is told otherwise (另行送达说明)."""
    if mailed.told_otherwise:
        yield f"另行送达：{mailed.told_otherwise}"
    if mailed.letters_to_bring:
        yield f"有{mailed.letters_to_bring}封函件待送达"


def _days_late(mailed: mail_board.BoardRow) -> int:
    """Working days late (逾期工作日): of the latest version, or by today while nothing has come."""
    if mailed.days_late is not None:
        return mailed.days_late
    if mailed.state is not SubmissionState.AWAITED:
        return 0
    return calendar.working_days_late(mailed.deadline, clock.today()) if mailed.deadline else 0


def _item(department: Department, item: RectificationItem) -> BoardItem:
    return BoardItem(
        department=department.name,
        number=item.number,
        problem=item.problem,
        due_on=item.due_on,
        state=item.state,
        measure=item.measure or "",
        owner=item.owner or "",
        remark=item.remark or "",
    )


def _shown(row: BoardRow) -> dict[str, Any]:
    return {
        "代码": row.code,
        "部门": row.name,
        "通知": row.told,
        "报送状态": row.state.label,
        "最近报送": row.received_on,
        "报送次数": row.versions,
        "逾期工作日": row.days_late,
        "退回次数": row.returned,
        "提醒次数": row.reminders,
        "延期至": row.extended_to,
        "最终得分": row.final_score or None,
        "备注": row.remark or None,
    }


def _page(
    db: Session,
    cycle: Cycle,
    submission: Submission,
    department: Department,
    mailed: mail_board.BoardRow,
    row: BoardRow,
    items: Sequence[RectificationItem],
) -> Page:
    return Page(
        key=key_of(cycle.fiscal_year, department.code),
        title=f"{department.name}（{department.code}）{cycle.fiscal_year}年度台账",
        facts=tuple(_facts(db, cycle, submission, mailed, row)),
        letters=tuple(_letters(db, cycle, department)),
        items=tuple(
            {"序号": i.number, "问题": i.problem, "完成时限": i.due_on, "状态": i.state.label, "措施": i.measure}
            for i in items
        ),
    )


def _facts(
    db: Session, cycle: Cycle, submission: Submission, mailed: mail_board.BoardRow, row: BoardRow
) -> Iterator[tuple[str, str]]:
    yield "通知", row.told
    yield "报送状态", submission.state.label
    yield "报送截止日", _day(mailed.deadline) + ("（已准予延期）" if submission.extended_to else "")
    for version in lookup.versions(db, submission):
        yield f"第{version.number}次报送", _version_words(version)
    yield "退回修改", f"{row.returned}次"
    yield "提醒和督办", f"{row.reminders}次"
    yield from _reviews(db, cycle, submission)
    outcome = lookup.outcome_in_force(db, submission)
    if outcome is not None and cycle.state in TOLD_RESULTS:
        told = Outcome.model_validate(outcome.outcome)
        yield "评价结果", f"第{outcome.number}版：{row.final_score or '—'}分，{outcome.grade or '未评定等级'}"
        yield "抽查", "已抽查复核" if told.spot_checked else "未抽查"
    yield from refusing.not_in_force(db, submission)
    for objection in db.exec(select(Objection).where(Objection.submission_id == submission.id)):
        yield f"申诉（编号{objection.id}）", f"{_day(objection.received_on)}收到，{objection.state.label}"
    if row.remark:
        yield "须处理", row.remark


def _reviews(db: Session, cycle: Cycle, submission: Submission) -> Iterator[tuple[str, str]]:
    """Who reviews and what came back (复核进展). Scores stand nowhere before both reviewers have sent theirs."""
    draw = lookup.draw_in_force(db, cycle)
    if draw is None:
        return
    for seat, review in double_review.seats(db, draw, submission).items():
        back = f"{_day(clock.local_date(review.recorded_at))}交回" if review.recorded_at else "尚未交回"
        yield seat.label, f"{review.reviewer}，{back}"
    settled = double_review.settlement(db, cycle, draw, submission)
    if settled is not None:
        same = sum(line.first == line.second for line in settled.lines)
        yield "双人复核", f"{same}项评分相同，已定案{settled.decided}项，待定案{len(settled.open)}项"


def _version_words(version: SubmissionVersion) -> str:
    late = f"，逾期{version.days_late}个工作日" if version.days_late else ""
    return f"{_day(version.received_on)}收到{late}"


def _letters(db: Session, cycle: Cycle, department: Department) -> Iterator[dict[str, Any]]:
    query = select(Letter).where(Letter.cycle_id == cycle.id, Letter.department_id == department.id)
    found = list(db.exec(query.order_by(col(Letter.id))))
    days, brought = delivery.reached_on(db, found), delivery.deliveries(db, found)
    mailed_again = again.of_letters(db, found)
    for letter in found:
        if letter.state is not LetterState.WITHDRAWN:
            yield {
                "函件": letter.kind.label,
                "收件人": letter.to_name,
                "状态": _standing(letter, mailed_again.get(letter.id)),
                "发送或送达日期": days.get(letter.id),
                "送达方式": _means(brought[letter.id]) if letter.id in brought else None,
            }


def _standing(letter: Letter, mailed_again: MailedAgain | None) -> str:
    """Where a letter stands (函件状态): one that came back reached nobody, whatever its record of sending says."""
    if not delivery.came_back(letter):
        return letter.state.label
    return f"被退回，已补发（函件{mailed_again.again_id}）" if mailed_again else "被退回，未送达"


def _means(brought: LetterDelivery) -> str:
    proof = "，".join(
        f"{label}{value}" for label, value in (("签收人", brought.signed_by), ("回执", brought.receipt_number)) if value
    )
    return f"{brought.means.label}（{proof}）"


def _day(day: date | None) -> str:
    return day.isoformat() if day else "未定"
