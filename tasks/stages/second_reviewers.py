"""Second reviewers and who settles (第二复核人与定案人): given by rotation, never to somebody who has a part already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlmodel import Session, select

from models import calendar, rules
from models.records import Cycle, Department, DrawRecord, Review, Submission
from models.rotation import NobodyLeftError, assign
from models.rules.cards import ScoreCard
from models.second_review import chosen
from models.states import LetterKind, ReviewSeat, Stage
from tasks import clock, lookup, settings, store
from tasks.mail import compose
from tasks.mail.contexts import SecondReviewTaskContext, SettlementTaskContext
from tasks.stages import assigning, double_review, reviewing
from tasks.stages.assigning import WHO, AssignmentError
from tasks.writing.review_view import review_view
from tasks.writing.review_workbook import write_review_workbook
from tasks.writing.settlement_workbook import SettlementLine, SettlementView, write_settlement_workbook

Duty = tuple[Submission, Department]


def give_out(db: Session, cycle: Cycle, made: DrawRecord, drawn: Sequence[Duty]) -> None:
    """Give the drawn departments that the policy chooses to a second reviewer (分派第二复核人), once.

    A department that had one under an earlier draw keeps having one; what was recorded then is taken over. Raises
    AssignmentError where nobody is left who is not barred and not the first reviewer.
    """
    sizes = {unit["code"]: Decimal(unit["size"]) for unit in made.record["units"] if unit["drawn"]}
    wanted = chosen(sizes, rules.load(cycle.ruleset_id).second_review, made.seed)
    open_ones: list[Duty] = []
    for submission, department in drawn:
        before = assigning.earlier_reviews(db, cycle, made, submission)
        had = any(review.seat is ReviewSeat.SECOND for review in before)
        if department.code not in wanted and not had:
            continue
        known = assigning.review_of(db, made, submission, ReviewSeat.SECOND) is not None
        if not known and not assigning.taken_over(db, cycle, made, submission, department, ReviewSeat.SECOND):
            open_ones.append((submission, department))
        if assigning.review_of(db, made, submission, ReviewSeat.SETTLING) is None:
            assigning.taken_over(db, cycle, made, submission, department, ReviewSeat.SETTLING)
    people = assigning.reviewers() if open_ones else {}
    try:
        found = picked(db, cycle, made, open_ones, ReviewSeat.SECOND, people)
    except NobodyLeftError as error:
        raise AssignmentError(
            f"双人复核无法安排第二复核人：{error}请在 JIXIAO_REVIEWERS 中增加复核人员，或更正 JIXIAO_REVIEW_CONFLICTS。"
        ) from error
    for submission, department in open_ones:
        address = found[department.code]
        put_in(db, cycle, made, (submission, department), ReviewSeat.SECOND, (people[address], address), WHO)


def call_settlers(db: Session, cycle: Cycle, made: DrawRecord) -> list[str]:
    """Send what two reviewers differ in to a third person (派送定案), once; returns whom it could not be given to anybody.

    The leads come first; without any who may, another reviewer.
    """
    left: list[str] = []
    for submission, department, settled in list(double_review.both_back(db, cycle, made)):
        if not settled.open or assigning.review_of(db, made, submission, ReviewSeat.SETTLING) is not None:
            continue
        leads = {address: name for name, address in settings.current().lead_list}
        others = {address: name for name, address in settings.current().reviewer_list}
        for people in (leads, others):
            try:
                address = picked(db, cycle, made, [(submission, department)], ReviewSeat.SETTLING, people)
            except NobodyLeftError:
                continue
            person = people[address[department.code]], address[department.code]
            put_in(db, cycle, made, (submission, department), ReviewSeat.SETTLING, person, WHO)
            break
        else:
            left.append(department.name)
    return left


def picked(
    db: Session,
    cycle: Cycle,
    made: DrawRecord,
    duties: Sequence[Duty],
    seat: ReviewSeat,
    people: Mapping[str, str],
) -> dict[str, str]:
    """Who takes a part by rotation (轮流分派): department code -> address. Raises NobodyLeftError."""
    same = select(Review.reviewer_address).where(Review.draw_id == made.id, Review.seat == seat)
    busy = Counter(db.exec(same))
    return assign(
        [department.code for _, department in duties],
        list(people),
        {department.code: barred(db, made, (s, department), seat, people) for s, department in duties},
        {department.code: assigning.last_reviewer(db, cycle, department) for _, department in duties},
        busy,
    )


def barred(db: Session, made: DrawRecord, duty: Duty, seat: ReviewSeat, people: Mapping[str, str]) -> set[str]:
    """Who may not take this part (须回避的人): by the rules of conflict, or with another part in the same review."""
    submission, department = duty
    others = [review for has, review in double_review.seats(db, made, submission).items() if has is not seat]
    listed = assigning.conflicts(db, dict(people), [department])[department.code]
    return listed | assigning.same_person(dict(people), others)


def put_in(
    db: Session, cycle: Cycle, made: DrawRecord, duty: Duty, seat: ReviewSeat, person: tuple[str, str], who: str
) -> None:
    """Give a part to a person and send the workbook (下达复核或定案任务); whoever had it and sent nothing is replaced."""
    submission, department = duty
    name, address = person
    known = assigning.review_of(db, made, submission, seat)
    old = {"reviewer": known.reviewer, "seat": seat.value} if known else None
    review = known or Review(draw_id=made.id, submission_id=submission.id, seat=seat, reviewer="", reviewer_address="")
    review.reviewer, review.reviewer_address = name, address
    db.add(review)
    db.flush()
    what = "review.reassigned" if known else "review.assigned"
    subject = f"{cycle.fiscal_year}/{department.code}"
    store.record(db, who, what, subject, old, {"reviewer": name, "seat": seat.value})
    kind, context, attachment = _task(db, cycle, made, duty, seat, name)
    number = made.number
    while compose.find(db, compose.key_of(cycle, kind, number, department.code)):
        number += 1
    compose.queue(
        db,
        cycle=cycle,
        kind=kind,
        number=number,
        department=department,
        to_name=name,
        to_address=address,
        context=context,
        attachments=[attachment],
    )


def _task(
    db: Session, cycle: Cycle, made: DrawRecord, duty: Duty, seat: ReviewSeat, name: str
) -> tuple[LetterKind, Any, tuple[str, bytes]]:
    submission, department = duty
    due = lookup.stage_dates(db, cycle)[Stage.REVIEW_BY].due_on
    if seat is ReviewSeat.SETTLING:
        view = settlement_view(db, cycle, submission, department, made, name)
        policy = rules.load(cycle.ruleset_id).second_review
        by = max(due, calendar.add_working_days(clock.today(), policy.settle_working_days))
        of = len(double_review.entries(db, assigning.review_of(db, made, submission)))
        context = SettlementTaskContext(settle_by=by, lines=len(view.lines), of=of, tolerance=policy.tolerance)
        file = (f"复核定案表-{department.code}-{department.name}.xlsx", write_settlement_workbook(view))
        return LetterKind.SETTLEMENT_TASK, context, file
    own = reviewing.workbook_view(db, cycle, submission, department, made.number, name, seat)
    told = SecondReviewTaskContext(review_by=due, lines=len(own.lines), findings=len(own.findings))
    file = (f"复核工作簿（第二复核人）-{department.code}-{department.name}.xlsx", write_review_workbook(own))
    return LetterKind.SECOND_REVIEW_TASK, told, file


def settlement_view(
    db: Session, cycle: Cycle, submission: Submission, department: Department, made: DrawRecord, name: str = ""
) -> SettlementView:
    """The content of a settlement workbook (复核定案表内容): the same before sending and after return."""
    card = lookup.latest_card(db, submission)
    if card is None:
        raise LookupError(f"{department.name}尚未评分，不能生成复核定案表。")
    shown = review_view(ScoreCard.model_validate(card.card), rules.load(card.ruleset_id), department=department.name)
    lines = {line.rule: line for line in shown.lines}
    found = double_review.seats(db, made, submission)
    first = double_review.entries(db, found.get(ReviewSeat.FIRST))
    second = double_review.entries(db, found.get(ReviewSeat.SECOND))
    return SettlementView(
        fiscal_year=cycle.fiscal_year,
        code=department.code,
        department=department.name,
        bureau=cycle.bureau,
        reviewer=name,
        version=made.number,
        lines=tuple(
            SettlementLine(line=lines[rule], first=first[rule], second=second[rule])
            for rule in double_review.differences(db, cycle, made, submission)
        ),
    )
