"""Giving out reviews (分派复核任务): who reviews whom, the letters with their workbooks, and what a redraw takes back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlmodel import Session, col, select

from models.records import Contact, Cycle, Department, DrawRecord, Review, ReviewLine, Submission
from models.rotation import NobodyLeftError, assign
from models.states import LetterKind, ReviewSeat
from tasks import clock, lookup, settings, store
from tasks.mail import compose
from tasks.mail.contexts import DrawnContext, DrawWithdrawnContext, ReviewTaskContext
from tasks.stages import reviewing
from tasks.writing.review_workbook import write_review_workbook

WHO = "系统"
METHOD = "按部门类别分层，每类至少一个，以公开种子随机抽取，过程可以复核"


class AssignmentError(ValueError):
    """Reviews that cannot be given out (不能分派复核任务); the message says why, in Chinese."""


def give_out(
    db: Session, cycle: Cycle, made: DrawRecord, drawn: list[tuple[Submission, Department]], due: date
) -> None:
    """Give every drawn department to a reviewer (分派复核任务), once; what came back under an earlier draw is taken over."""
    take_back(db, cycle, made, {department.code for _, department in drawn})
    open_ones = [
        (s, d)
        for s, d in drawn
        if review_of(db, made, s) is None and not taken_over(db, cycle, made, s, d, ReviewSeat.FIRST)
    ]
    if not open_ones:
        return
    people = reviewers()
    try:
        chosen = assign(
            [department.code for _, department in open_ones],
            list(people),
            {d.code: conflicts(db, people, [d])[d.code] | _others(db, cycle, made, s, people) for s, d in open_ones},
            {d.code: last_reviewer(db, cycle, d) for _, d in open_ones},
        )
    except NobodyLeftError as error:
        raise AssignmentError(
            f"{error}请在 JIXIAO_REVIEWERS 中增加复核人员，或更正 JIXIAO_REVIEW_CONFLICTS。"
        ) from error
    for submission, department in open_ones:
        address = chosen[department.code]
        _give(db, cycle, made, submission, department, people[address], address, due)


def reviewers() -> dict[str, str]:
    """The reviewers (复核人员), address -> name, in the order of rotation. Raises AssignmentError without any."""
    people = {address: name for name, address in settings.current().reviewer_list}
    if not people:
        raise AssignmentError("未配置复核人员，请设置 JIXIAO_REVIEWERS（姓名 <邮箱>，用分号隔开）后重新运行。")
    return people


def _others(db: Session, cycle: Cycle, made: DrawRecord, submission: Submission, people: dict[str, str]) -> set[str]:
    """Who has another part in the same review under an earlier draw (另有分工的人): nobody reviews with himself."""
    mine = [r for r, _ in _earlier(db, cycle, made) if r.submission_id == submission.id and r.recorded_at is not None]
    return same_person(people, [r for r in mine if r.seat is not ReviewSeat.FIRST])


def same_person(people: dict[str, str], reviews: Iterable[Review]) -> set[str]:
    """The addresses of the persons who have these parts (同一人的邮箱), by address or by name."""
    taken = list(reviews)
    return {
        address
        for address, name in people.items()
        if any(address.lower() == r.reviewer_address.lower() or name == r.reviewer for r in taken)
    }


def conflicts(db: Session, addresses: dict[str, str], departments: list[Department]) -> dict[str, set[str]]:
    """Who may not review which department (复核回避): as set, and whoever is a contact of the department itself."""
    try:
        listed = settings.current().review_conflict_list
    except ValueError as error:
        raise AssignmentError(str(error)) from error
    known = set(db.exec(select(Department.code)))
    strange = sorted({code for _, codes in listed for code in codes} - known)
    known_people = settings.current().reviewer_list + settings.current().lead_list
    nobody = [who for who, _ in listed if not any(who in person for person in known_people)]
    if strange or nobody:
        what = [f"没有代码为“{code}”的部门" for code in strange] + [f"复核人员中没有“{who}”" for who in nobody]
        raise AssignmentError(f"复核回避设置有误：{'；'.join(what)}。请更正 JIXIAO_REVIEW_CONFLICTS。")
    found: dict[str, set[str]] = {}
    for department in departments:
        own = db.exec(select(Contact).where(Contact.department_id == department.id)).all()
        barred = {a.lower() for a in (c.address for c in own)}
        names = {c.name for c in own}
        found[department.code] = {
            address
            for address, name in addresses.items()
            if address.lower() in barred
            or name in names
            or any(department.code in codes and who in (name, address) for who, codes in listed)
        }
    return found


def last_reviewer(db: Session, cycle: Cycle, department: Department) -> str:
    """The address of who reviewed a department in an earlier year (上次复核人员); empty where nobody did."""
    row = db.exec(
        select(Review)
        .join(Submission, col(Submission.id) == col(Review.submission_id))
        .join(Cycle, col(Cycle.id) == col(Submission.cycle_id))
        .where(Submission.department_id == department.id, Cycle.fiscal_year < cycle.fiscal_year)
        .where(col(Review.recorded_at).is_not(None))
        .order_by(col(Cycle.fiscal_year).desc(), col(Review.id).desc())
    ).first()
    return row.reviewer_address if row else ""


def review_of(
    db: Session, made: DrawRecord, submission: Submission, seat: ReviewSeat = ReviewSeat.FIRST
) -> Review | None:
    """One person's part in a department's review (某一分工的复核任务)."""
    found = select(Review).where(Review.draw_id == made.id, Review.submission_id == submission.id, Review.seat == seat)
    return db.exec(found).first()


def earlier_reviews(db: Session, cycle: Cycle, made: DrawRecord, submission: Submission) -> list[Review]:
    """The parts in a department's review under the draws before (历次抽取中的复核任务), oldest first."""
    return [review for review, _ in _earlier(db, cycle, made) if review.submission_id == submission.id]


def _earlier(db: Session, cycle: Cycle, made: DrawRecord) -> list[tuple[Review, DrawRecord]]:
    return list(
        db.exec(
            select(Review, DrawRecord)
            .join(DrawRecord, col(DrawRecord.id) == col(Review.draw_id))
            .where(DrawRecord.cycle_id == cycle.id, DrawRecord.number < made.number)
            .order_by(col(Review.id))
        )
    )


def take_back(db: Session, cycle: Cycle, made: DrawRecord, drawn: set[str]) -> None:
    """Cancel the open reviews of the draws before (撤销原复核任务) and tell reviewers and departments why."""
    cancelled: dict[tuple[int, str], tuple[DrawRecord, list[Review]]] = {}
    departments: dict[int, Department] = {s.id: d for s, d in lookup.submissions(db, cycle)}
    reason = made.redraw_reason or ""
    for review, before in _earlier(db, cycle, made):
        department = departments[review.submission_id]
        if review.recorded_at is None and review.cancelled_at is None:
            review.cancelled_at, review.cancelled_because = clock.now(), reason
            db.add(review)
            subject = f"{cycle.fiscal_year}/{department.code}"
            store.record(db, WHO, "review.cancelled", subject, {"draw": before.number}, {"reason": reason})
            key = (before.number, review.reviewer_address)
            cancelled.setdefault(key, (before, []))[1].append(review)
        if department.code not in drawn:
            told = DrawWithdrawnContext(drawn_on=clock.local_date(before.drawn_at), reason=reason)
            kind = LetterKind.DRAW_WITHDRAWN
            compose.queue(db, cycle=cycle, kind=kind, number=before.number, department=department, context=told)
    for (number, address), (before, reviews) in cancelled.items():
        compose.queue(
            db,
            cycle=cycle,
            kind=LetterKind.DRAW_WITHDRAWN,
            number=number,
            to_name=reviews[0].reviewer,
            to_address=address,
            context=DrawWithdrawnContext(
                drawn_on=clock.local_date(before.drawn_at),
                reason=reason,
                departments=tuple(departments[r.submission_id].name for r in reviews),
            ),
        )


def taken_over(
    db: Session, cycle: Cycle, made: DrawRecord, submission: Submission, department: Department, seat: ReviewSeat
) -> bool:
    """Take over what was recorded under an earlier draw (沿用已登记的复核结果); whether there was anything."""
    mine = earlier_reviews(db, cycle, made, submission)
    earlier = [r for r in mine if r.seat is seat and r.recorded_at is not None]
    if not earlier:
        return False
    last = earlier[-1]
    taken = Review(
        draw_id=made.id,
        submission_id=submission.id,
        seat=seat,
        reviewer=last.reviewer,
        reviewer_address=last.reviewer_address,
        workbook_sha256=last.workbook_sha256,
        recorded_at=last.recorded_at,
    )
    db.add(taken)
    db.flush()
    for line in db.exec(select(ReviewLine).where(ReviewLine.review_id == last.id).order_by(col(ReviewLine.id))).all():
        db.add(
            ReviewLine(
                review_id=taken.id, rule=line.rule, score=line.score, reason=line.reason, criterion=line.criterion
            )
        )
    new = {"reviewer": last.reviewer, "draw": made.number, "seat": seat.value}
    store.record(db, WHO, "review.taken_over", f"{cycle.fiscal_year}/{department.code}", None, new)
    return True


def _give(
    db: Session,
    cycle: Cycle,
    made: DrawRecord,
    submission: Submission,
    department: Department,
    reviewer: str,
    address: str,
    due: date,
) -> None:
    """One review to one reviewer: the task letter with its workbook, and the letter to the department."""
    db.add(Review(draw_id=made.id, submission_id=submission.id, reviewer=reviewer, reviewer_address=address))
    store.record(db, WHO, "review.assigned", f"{cycle.fiscal_year}/{department.code}", None, {"reviewer": reviewer})
    view = reviewing.workbook_view(db, cycle, submission, department, made.number, reviewer)
    compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.REVIEW_TASK,
        number=made.number,
        department=department,
        to_name=reviewer,
        to_address=address,
        context=ReviewTaskContext(review_by=due, lines=len(view.lines), findings=len(view.findings)),
        attachments=[(f"复核工作簿-{department.code}-{department.name}.xlsx", write_review_workbook(view))],
    )
    compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.DRAWN,
        number=made.number,
        department=department,
        context=DrawnContext(
            drawn_on=clock.local_date(made.drawn_at),
            drawn=sum(u["drawn"] for u in made.record["units"]),
            departments=len(made.record["units"]),
            method=METHOD,
            seed=made.seed,
            review_by=due,
        ),
    )
