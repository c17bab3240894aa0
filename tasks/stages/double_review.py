"""Reviews of a department as they stand (复核现状): one reviewer's, or two settled into one, and who is waited for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from models import agreement, rules
from models.deviation import assess
from models.numbers import trimmed
from models.records import Cycle, Department, DrawRecord, Review, ReviewLine, Submission
from models.rules.cards import ScoreCard
from models.rules.schema import RuleSet
from models.second_review import Entry, Settlement, differing, settle_reviews, told
from models.states import ReviewSeat
from tasks import lookup


class Counted(NamedTuple):
    """What counts for a reviewed line (计入的复核得分); ``basis`` says how two reviewers' scores became one, if they differ."""

    rule: str
    score: Decimal
    reason: str | None
    criterion: str | None
    basis: str = ""


class Reviewed(NamedTuple):
    """A department's review (复核结果): its lines, and in words that two reviewed it; empty where one did."""

    lines: tuple[Counted, ...]
    told: str = ""


def seats(db: Session, draw: DrawRecord, submission: Submission) -> dict[ReviewSeat, Review]:
    """Who has which part in a department's review (复核分工)."""
    found = select(Review).where(Review.draw_id == draw.id, Review.submission_id == submission.id)
    return {review.seat: review for review in db.exec(found.order_by(col(Review.id)))}


def entries(db: Session, review: Review | None) -> dict[str, Entry]:
    """What a person recorded, line by line (逐项复核意见); empty while nothing came back."""
    if review is None or review.recorded_at is None:
        return {}
    lines = db.exec(select(ReviewLine).where(ReviewLine.review_id == review.id).order_by(col(ReviewLine.id)))
    return {line.rule: Entry(line.score, line.reason, line.criterion) for line in lines}


def settlement(db: Session, cycle: Cycle, draw: DrawRecord, submission: Submission) -> Settlement | None:
    """Two reviews settled into one (复核核定), as far as it goes; None unless both came back."""
    found = seats(db, draw, submission)
    first, second = entries(db, found.get(ReviewSeat.FIRST)), entries(db, found.get(ReviewSeat.SECOND))
    if not first or not second:
        return None
    third = entries(db, found.get(ReviewSeat.SETTLING))
    return settle_reviews(first, second, third, rules.load(cycle.ruleset_id).second_review)


def reviewed(db: Session, cycle: Cycle, submission: Submission) -> Reviewed | None:
    """A department's review as it counts (计入的复核结果); None when not drawn, not all back, or not settled yet."""
    draw = lookup.draw_in_force(db, cycle)
    if draw is None:
        return None
    found = seats(db, draw, submission)
    if not found or any(review.recorded_at is None for review in found.values()):
        return None
    settled = settlement(db, cycle, draw, submission)
    if settled is None:
        lines = entries(db, found.get(ReviewSeat.FIRST)).items()
        return Reviewed(tuple(Counted(rule, *entry) for rule, entry in lines))
    if settled.open:
        return None
    lines_ = tuple(Counted(x.rule, x.score, x.reason, x.criterion, x.basis) for x in settled.lines)
    return Reviewed(lines_, told(settled))


def differences(db: Session, cycle: Cycle, draw: DrawRecord, submission: Submission) -> tuple[str, ...]:
    """The lines in which two reviewers differ too much (须定案的指标), decided or not."""
    found = seats(db, draw, submission)
    first, second = entries(db, found.get(ReviewSeat.FIRST)), entries(db, found.get(ReviewSeat.SECOND))
    return differing(first, second, rules.load(cycle.ruleset_id).second_review) if first and second else ()


def waits_for(db: Session, cycle: Cycle, draw: DrawRecord) -> list[str]:
    """Who is waited for before the reviews are complete (复核待办), as sentences for staff."""
    sentences = []
    reviews = db.exec(select(Review).where(Review.draw_id == draw.id).order_by(col(Review.id))).all()
    duties = {submission.id: (submission, department) for submission, department in lookup.submissions(db, cycle)}
    sentences += [_waited(r, duties[r.submission_id][1]) for r in reviews if r.recorded_at is None]
    for submission_id in dict.fromkeys(r.submission_id for r in reviews if r.seat is ReviewSeat.SECOND):
        submission, department = duties[submission_id]
        if ReviewSeat.SETTLING in seats(db, draw, submission):
            continue
        settled = settlement(db, cycle, draw, submission)
        if settled is not None and settled.open:
            sentences.append(
                f"{department.name}有{len(settled.open)}项两名复核人员评分不同，尚无定案人；没有可派的人时，"
                "请设置 JIXIAO_REVIEW_LEADS 后运行“登记复核结果”，或用“指定复核人员”指定定案人。"
            )
    return sentences


def _waited(review: Review, department: Department) -> str:
    if review.seat is ReviewSeat.SECOND:
        return f"等待第二复核人{review.reviewer}交回{department.name}的复核工作簿。"
    if review.seat is ReviewSeat.SETTLING:
        return f"等待定案人{review.reviewer}交回{department.name}的复核定案表。"
    return f"{review.reviewer}的复核工作簿尚未交回。"


def both_back(db: Session, cycle: Cycle, draw: DrawRecord) -> Iterator[tuple[Submission, Department, Settlement]]:
    """Departments whose two reviews are both recorded (双人复核均已交回), by code. Before that nothing is compared."""
    for submission, department in lookup.submissions(db, cycle):
        settled = settlement(db, cycle, draw, submission)
        if settled is not None:
            yield submission, department, settled


def agreement_rows(db: Session, cycle: Cycle, draw: DrawRecord) -> list[dict[str, Any]]:
    """Agreement per department (逐部门一致性) as a table for staff."""
    tolerance = rules.load(cycle.ruleset_id).second_review.tolerance
    rows = []
    for submission, department, settled in both_back(db, cycle, draw):
        found = agreement.of_lines(_pairs(db, draw, submission), tolerance)
        totals = [sum(pair[side] for pair in _pairs(db, draw, submission)) for side in (0, 1)]
        rows.append(
            {
                "代码": department.code,
                "部门": department.name,
                "项数": found.lines,
                "相同": found.equal,
                "相同比例": f"{trimmed(found.equal_percent)}%",
                "平均相差": found.mean_absolute,
                "最大相差": found.largest,
                "第一复核人总分": totals[0],
                "第二复核人总分": totals[1],
                "已定案": settled.decided,
                "待定案": len(settled.open),
            }
        )
    return rows


def overall(db: Session, cycle: Cycle, draw: DrawRecord) -> agreement.Agreement | None:
    """Agreement over all departments reviewed twice (总体一致性); None while there is none."""
    ruleset = rules.load(cycle.ruleset_id)
    both = {department.code: submission for submission, department, _ in both_back(db, cycle, draw)}
    if not both:
        return None
    claims = {code: _claim(db, submission, ruleset) for code, submission in both.items()}

    def band(code: str, total: Decimal) -> int | None:
        claim = claims[code]
        return None if claim is None else assess(claim, total, ruleset.deviation).band_index

    return agreement.overall(
        {code: _pairs(db, draw, submission) for code, submission in both.items()},
        band,
        len(ruleset.deviation.bands),
        ruleset.second_review.tolerance,
    )


def _claim(db: Session, submission: Submission, ruleset: RuleSet) -> Decimal | None:
    record = lookup.latest_card(db, submission)
    if record is None:
        return None
    card = ScoreCard.model_validate(record.card)
    return card.claimed_total if ruleset.deviation.self_basis == "claimed_total" else card.sum_of_claims


def _pairs(db: Session, draw: DrawRecord, submission: Submission) -> list[agreement.Pair]:
    found = seats(db, draw, submission)
    first, second = (entries(db, found.get(seat)) for seat in (ReviewSeat.FIRST, ReviewSeat.SECOND))
    return [(first[rule].score, second[rule].score) for rule in first if rule in second]
