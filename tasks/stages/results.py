"""Settling results (核定结果): judged, computed and reviewed lines become one final score, kept in versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models import rules, scoring
from models.records import (
    Cycle,
    Department,
    Objection,
    ObjectionAdjustment,
    OutcomeRecord,
    ScoreCardRecord,
    Submission,
)
from models.states import ObjectionState, SubmissionState
from tasks import clock, lookup, store
from tasks.stages import double_review
from tasks.stages.scoring import digest

WHO = "系统"


class UnsettledError(ValueError):
    """Results cannot be settled yet (尚不能核定结果); ``waits_for`` says for whom, as Chinese sentences."""

    def __init__(self, waits_for: list[str]) -> None:
        self.waits_for = waits_for
        super().__init__("尚不能核定评价结果：" + "".join(waits_for))


def adjustments(db: Session, submission: Submission, until: datetime | None = None) -> dict[str, ObjectionAdjustment]:
    """The lines that upheld objections correct (申诉变更), by rule; of several the latest objection's."""
    query = (
        select(ObjectionAdjustment, Objection.decided_at)
        .join(Objection, col(Objection.id) == col(ObjectionAdjustment.objection_id))
        .where(Objection.submission_id == submission.id, Objection.state == ObjectionState.UPHELD)
        .where(col(ObjectionAdjustment.refused_id).is_(None))
        .order_by(col(Objection.decided_at), col(Objection.id))
    )
    return {row.rule: row for row, day in db.exec(query) if until is None or (day is not None and day <= until)}


def outcome_of(
    db: Session, cycle: Cycle, submission: Submission, version: OutcomeRecord | None = None
) -> scoring.Outcome | None:
    """A department's outcome from what is stored now (计算评价结果); None while it has no score card.

    With ``version``, from what was stored when that version was settled. A line corrected by an objection goes before the
    reviewer's and the judged points, which stay as they are.
    """
    until = version.settled_at if version is not None else None
    card = lookup.latest_card(db, submission) if version is None else db.get_one(ScoreCardRecord, version.card_id)
    if card is None:
        return None
    judged = lookup.judgements_of(db, submission, until)
    review = double_review.reviewed(db, cycle, submission)
    reviewed = review.lines if review is not None else None
    reasons = {rule: j.reason for rule, j in judged.items()}
    reasons |= {line.rule: said for line in reviewed or () if (said := _said(line))}
    corrected = adjustments(db, submission, until)
    reasons |= {rule: f"经申诉（编号{a.objection_id}）变更，{a.reason}" for rule, a in corrected.items()}
    points = {rule: a.score for rule, a in corrected.items()}
    drawn = reviewed is not None
    outcome = scoring.settle(
        scoring.ScoreCard.model_validate(card.card),
        judgements={rule: j.score for rule, j in judged.items()} | ({} if drawn else points),
        reviewed={line.rule: line.score for line in reviewed} | points if reviewed is not None else None,
        ruleset=rules.load(card.ruleset_id),
        remarks=reasons,
    )
    if review is None or not review.told:
        return outcome
    return outcome.model_copy(update={"total_explanation": review.told + outcome.total_explanation})


def _said(line: double_review.Counted) -> str:
    reason = (line.reason or "").rstrip("。")
    criterion = (line.criterion or "").rstrip("。")
    said = f"{reason}（依据：{criterion}）" if criterion else reason
    return "；".join(part for part in (line.basis, said) if part)


def settle_all(fiscal_year: int) -> list[dict[str, Any]]:
    """Settle every accepted department (核定全部结果); the same inputs make no new version.

    Raises UnsettledError, and stores nothing, while any line is open. Returns a row per department for the flow's table.
    """
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        draw = lookup.draw_in_force(db, cycle)
        missing = double_review.waits_for(db, cycle, draw) if draw is not None else []
        if missing:
            raise UnsettledError(missing)
        accepted = [(s, d) for s, d in lookup.submissions(db, cycle) if s.state is SubmissionState.ACCEPTED]
        outcomes = [(s, d, outcome_of(db, cycle, s)) for s, d in accepted]
        waiting = [f"{d.name}尚未评分。" for _, d, o in outcomes if o is None]
        waiting += [
            f"{d.name}有待判定的指标：{'、'.join(o.open_lines)}。" for _, d, o in outcomes if o and o.open_lines
        ]
        if waiting:
            raise UnsettledError(waiting)
        return [keep(db, cycle, s, d, o) for s, d, o in outcomes if o is not None]


def keep(
    db: Session,
    cycle: Cycle,
    submission: Submission,
    department: Department,
    outcome: scoring.Outcome,
    who: str = WHO,
) -> dict[str, Any]:
    """Store an outcome as the next version (保存评价结果), unless the newest one that was not refused is the same."""
    content = outcome.model_dump(mode="json")
    last = lookup.latest_outcome(db, submission)
    card = lookup.latest_card(db, submission)
    assert card is not None
    said: dict[str, Any] = {"card": card.number, "outcome": content}
    if last is None or (last.card_id, last.outcome) != (card.id, content):
        number, content_digest = _next_version(db, submission, said)
        made = OutcomeRecord(
            submission_id=submission.id,
            number=number,
            card_id=card.id,
            digest=content_digest,
            outcome=content,
            self_score=outcome.self_score,
            review_score=outcome.review_score,
            final_score=outcome.final_score,
            grade=outcome.grade.name if outcome.grade else None,
            settled_at=clock.now(),
        )
        db.add(made)
        store.record(
            db,
            who,
            "result.settled",
            f"{cycle.fiscal_year}/{department.code}",
            {"final": last.outcome["final_score"], "number": last.number} if last else None,
            {"final": content["final_score"], "grade": made.grade, "number": made.number},
        )
    return {
        "code": department.code,
        "name": department.name,
        "self": content["self_score"],
        "review": content["review_score"],
        "final": content["final_score"],
        "grade": outcome.grade.name if outcome.grade else None,
    }


def _next_version(db: Session, submission: Submission, said: dict[str, Any]) -> tuple[int, str]:
    """Number and digest of the next version (下一版次). One that comes back to what was said before is a version of its own."""
    rows = db.exec(
        select(OutcomeRecord.number, OutcomeRecord.digest).where(OutcomeRecord.submission_id == submission.id)
    ).all()
    number = max((known for known, _ in rows), default=0) + 1
    plain = digest(said)
    return number, plain if plain not in {known for _, known in rows} else digest(said | {"number": number})
