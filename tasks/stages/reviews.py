"""Recording reviews (登记复核结果): a returned workbook is checked cell by cell, then taken in or sent back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from models.records import Cycle, Department, DrawRecord, Receipt, ReceivedFile, Review, ReviewLine, Submission
from models.states import Channel, CycleState, LetterKind, ReceiptOutcome, ReviewSeat, Stage
from tasks import clock, filestore, lookup, store
from tasks.mail import compose
from tasks.mail.contexts import Reason, ReviewReturnedContext
from tasks.stages import double_review, reviewing, second_reviewers
from tasks.writing.fingerprint import fingerprint_of, parsed_fingerprint
from tasks.writing.review_layout import SEAT_OF
from tasks.writing.review_return import read_review_workbook
from tasks.writing.settlement_workbook import read_settlement_workbook

WHO = "系统"


def record(fiscal_year: int) -> list[dict[str, Any]]:
    """Take in every review workbook that came back and was not looked at (登记复核结果); a row for each.

    Where both reviews of a department are in and differ, a third person is asked, now or when somebody can be found.
    """
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        draw = lookup.draw_in_force(db, cycle)
        if draw is None or cycle.state is not CycleState.SPOT_CHECKING:
            return []
        waiting = db.exec(
            select(Receipt)
            .where(Receipt.cycle_id == cycle.id, Receipt.outcome == ReceiptOutcome.REVIEW)
            .where(col(Receipt.handled_at).is_(None))
            .order_by(col(Receipt.id))
        ).all()
        rows = [row for receipt in waiting if (row := _take(db, cycle, draw, receipt))]
        second_reviewers.call_settlers(db, cycle, draw)
        return rows


def agreement(fiscal_year: int) -> tuple[list[dict[str, Any]], str]:
    """How well two reviewers agree (双人复核一致性): a row per department and a sentence; empty while there is nothing."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        draw = lookup.draw_in_force(db, cycle)
        found = double_review.overall(db, cycle, draw) if draw is not None else None
        if draw is None or found is None:
            return [], ""
        return double_review.agreement_rows(db, cycle, draw), found.sentence


def _take(db: Session, cycle: Cycle, draw: DrawRecord, receipt: Receipt) -> dict[str, Any] | None:
    department = db.get_one(Department, receipt.department_id)
    submission, _ = lookup.submission_of(db, cycle, department.code)
    seats = double_review.seats(db, draw, submission)
    if not seats:
        return _settle(db, receipt, department, f"{department.name}不在抽查名单中，复核工作簿未采用。")
    content, told = _workbook(db, receipt)
    review = seats.get(told) if told is not None else _writer(receipt, seats)
    if review is None or not _may_send(receipt, review, seats):
        return _refuse(db, cycle, department, receipt, seats)
    if review.workbook_sha256 is not None and content and filestore.digest_of(content) == review.workbook_sha256:
        return _settle(db, receipt, department, "与已登记的复核工作簿相同。")
    if review.recorded_at is not None:
        return _settle(db, receipt, department, "该部门的复核结果已登记，如需更改请走申诉或更正程序。")
    if content is None:
        problems: tuple[str, ...] = ("邮件中没有系统发出的复核工作簿，请填写后作为附件发回。",)
    else:
        problems, lines = _read(db, cycle, draw, submission, department, review, content)
        if not problems:
            _keep(db, cycle, department, submission, review, lines, content)
            return _settle(db, receipt, department, f"{review.seat.label}的工作簿已登记。")
    _send_back(db, cycle, department, receipt, review, problems)
    return _settle(db, receipt, department, f"有{len(problems)}处问题，已退回复核人员。")


def _refuse(
    db: Session, cycle: Cycle, department: Department, receipt: Receipt, seats: dict[ReviewSeat, Review]
) -> dict[str, Any]:
    """A workbook that belongs to another person's part is not taken; who sent it is told, as far as he has a part."""
    own = next((r for r in seats.values() if _same(receipt.sender, r)), None)
    if own is not None:
        problem = f"所附不是发给您的工作簿。您是该部门的{own.seat.label}，请使用发给您本人的那一份；他人的工作簿由其本人交回。"
        _send_back(db, cycle, department, receipt, own, (problem,))
    return _settle(db, receipt, department, "寄件人不是这份工作簿的复核人员，未采用，须由本人交回。")


def _send_back(
    db: Session,
    cycle: Cycle,
    department: Department,
    receipt: Receipt,
    review: Review,
    problems: Sequence[str],
) -> None:
    """Say what is wrong with a workbook (退回补正), to the person whose it is."""
    due = lookup.stage_dates(db, cycle)[Stage.REVIEW_BY].due_on
    compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.REVIEW_RETURNED,
        number=receipt.id,
        department=department,
        to_name=review.reviewer,
        to_address=review.reviewer_address,
        context=ReviewReturnedContext(
            received_on=clock.local_date(receipt.received_at),
            problems=tuple(Reason(text=p) for p in problems),
            review_by=due,
        ),
    )


def _writer(receipt: Receipt, seats: dict[ReviewSeat, Review]) -> Review | None:
    """Who wrote without a workbook of ours (来信人的分工); the first reviewer where it came without a sender."""
    if receipt.channel is not Channel.MAILBOX:
        return seats.get(ReviewSeat.FIRST)
    return next((r for r in seats.values() if _same(receipt.sender, r)), seats.get(ReviewSeat.FIRST))


def _may_send(receipt: Receipt, review: Review, seats: dict[ReviewSeat, Review]) -> bool:
    """Whether this sender may hand in this workbook (是否本人交回): with two reviewers, nobody for the other."""
    return receipt.channel is not Channel.MAILBOX or len(seats) == 1 or _same(receipt.sender, review)


def _same(sender: str | None, review: Review) -> bool:
    return (sender or "").strip().lower() == review.reviewer_address.strip().lower()


def _read(
    db: Session,
    cycle: Cycle,
    draw: DrawRecord,
    submission: Submission,
    department: Department,
    review: Review,
    content: bytes,
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """What a workbook says, or what is wrong with it (读取工作簿)."""
    if review.seat is ReviewSeat.SETTLING:
        paper = second_reviewers.settlement_view(db, cycle, submission, department, draw)
        decided = read_settlement_workbook(content, paper)
        return tuple(decided.problems), dict(decided.lines)
    view = reviewing.workbook_view(db, cycle, submission, department, draw.number, seat=review.seat)
    found = read_review_workbook(content, view)
    return tuple(found.problems), dict(found.lines)


def _workbook(db: Session, receipt: Receipt) -> tuple[bytes | None, ReviewSeat | None]:
    """The review workbook among a receipt's files and whose it is, told by its fingerprint."""
    files = db.exec(
        select(ReceivedFile).where(ReceivedFile.receipt_id == receipt.id).order_by(col(ReceivedFile.number))
    )
    for file in files:
        content = filestore.content_of(file.sha256)
        mark = parsed_fingerprint(fingerprint_of(content) or "")
        if mark is not None and mark.kind in SEAT_OF:
            return content, SEAT_OF[mark.kind]
    return None, None


def _keep(
    db: Session,
    cycle: Cycle,
    department: Department,
    submission: Submission,
    review: Review,
    lines: dict[str, Any],
    content: bytes,
) -> None:
    review.workbook_sha256 = filestore.keep(content)
    review.recorded_at = clock.now()
    db.add(review)
    for rule, (score, reason, criterion) in lines.items():
        db.add(ReviewLine(review_id=review.id, rule=rule, score=score, reason=reason, criterion=criterion))
    new = {rule: str(score) for rule, (score, _, _) in lines.items()} | {"seat": review.seat.value}
    store.record(db, review.reviewer, "review.recorded", f"{cycle.fiscal_year}/{department.code}", None, new)


def _settle(db: Session, receipt: Receipt, department: Department, sentence: str) -> dict[str, Any]:
    receipt.reason, receipt.handled_at = sentence, clock.now()
    db.add(receipt)
    return {"代码": department.code, "部门": department.name, "寄件人": receipt.sender, "结果": sentence}
