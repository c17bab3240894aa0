"""Deciding an objection (处理申诉): by a person, with a reason; corrected lines make a new version of the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import func
from sqlmodel import Session, col, select

from models import rules
from models.numbers import trimmed
from models.records import Cycle, Department, Objection, ObjectionAdjustment, OutcomeRecord, Review, Submission
from models.rules.cards import Outcome
from models.states import CycleState, LetterKind, ObjectionState, SubmissionState
from tasks import clock, lookup, store
from tasks.mail import compose
from tasks.mail.contexts import Change, ObjectionDecidedContext
from tasks.stages import feedback, refusing, results
from tasks.stages.objections import digest_of, of_year

# A late objection can still be taken up for a good reason; a decided one is decided.
OPEN = (ObjectionState.RECEIVED, ObjectionState.LATE)
DECISIONS = (ObjectionState.UPHELD, ObjectionState.REJECTED)
# Once remediation is done the year is over, and with it every way to change a result.
DECIDABLE = (CycleState.OBJECTION, CycleState.PUBLISHED, CycleState.RECTIFYING)

WAITS = "结果此前已公开，请由经办人“拟办更正公开”；更正公开之前仍以已公开的结果为准，公开后再答复部门。"


class ObjectionError(ValueError):
    """An objection that cannot be decided like this (申诉处理被拒绝); the message says why, in Chinese."""


@dataclass(frozen=True)
class Correction:
    """One line as it should have been scored (更正得分): rule id, points from 0 to the maximum, and why."""

    rule: str
    score: Decimal
    reason: str


@dataclass(frozen=True)
class Decided:
    """What a decision led to (处理结果): the final score before and after, and the newest version of the result."""

    sentence: str
    before: Decimal | None
    after: Decimal | None
    version: int | None


def decide(
    fiscal_year: int,
    objection_id: int,
    *,
    seen: str,
    decision: ObjectionState,
    who: str,
    reason: str,
    corrections: Sequence[Correction] = (),
) -> Decided:
    """Decide an objection (处理申诉): upheld, with the lines corrected, or rejected; either way with a reason.

    ``seen`` is the digest shown with the objection. Nothing is overwritten: corrected lines are kept beside the reviewer's,
    the result becomes a new version, and the department gets the decision and its new result. Once results are public a
    changed one counts and is told only when a corrected edition shows it. The same decision again changes nothing. Raises
    ObjectionError when it cannot be decided like this.
    """
    who, reason = who.strip(), reason.strip()
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        found = next((row for row in of_year(db, cycle) if row[0].id == objection_id), None)
        if found is None:
            raise ObjectionError(f"{fiscal_year}年度没有编号为{objection_id}的申诉，请查看申诉清单。")
        objection, submission, department = found
        before = lookup.latest_outcome(db, submission)
        if objection.state not in OPEN:
            if (objection.state, objection.decided_by, objection.reason) == (decision, who, reason):
                return _told(objection, department, before, before)
            raise ObjectionError(
                f"编号{objection_id}的申诉已由{objection.decided_by}处理为“{objection.state.label}”，不能改判。"
            )
        _check(db, cycle, objection, submission, who, reason, seen, decision, before)
        _check_lines(cycle, decision, corrections)
        old = {"state": str(objection.state)}
        objection.state, objection.decided_by, objection.reason = decision, who, reason
        objection.decided_at = clock.now()
        db.add(objection)
        _enter(db, objection, corrections)
        new = {"decision": str(decision), "reason": reason, "lines": {c.rule: str(c.score) for c in corrections}}
        subject = f"{fiscal_year}/{department.code}/{objection_id}"
        store.record(db, who, "objection.decided", subject, old, new)
        after = _settled_again(db, cycle, submission, department, who) if corrections else before
        told = _told(objection, department, before, after)
        if after is not before and lookup.outcome_in_force(db, submission) is not after:
            return replace(told, sentence=f"{told.sentence}{WAITS}")
        _answer(db, cycle, objection, department, before, after)
        if after is not None and after is not before:
            feedback.tell(db, cycle, submission, department, after, None)
        return told


def tell_published(db: Session, cycle: Cycle, department: Department, row: OutcomeRecord) -> None:
    """Answer the objections whose corrected result an edition has just made public (更正公开后答复申诉); each once."""
    if row.edition is None or row.edition < 2:
        return
    before = db.exec(
        select(OutcomeRecord)
        .where(OutcomeRecord.submission_id == row.submission_id, col(OutcomeRecord.edition) < row.edition)
        .order_by(col(OutcomeRecord.number).desc())
    ).first()
    for objection in refusing.upheld_in(db, row):
        _answer(db, cycle, objection, department, before, row)


def _enter(db: Session, objection: Objection, corrections: Sequence[Correction]) -> None:
    """Keep the corrected lines (登记申诉变更), beside those of a decision whose publication was refused."""
    earlier = select(func.max(ObjectionAdjustment.number)).where(ObjectionAdjustment.objection_id == objection.id)
    number = (db.exec(earlier).one() or 0) + 1
    for line in corrections:
        db.add(
            ObjectionAdjustment(
                objection_id=objection.id, rule=line.rule, score=line.score, reason=line.reason, number=number
            )
        )
    db.flush()


def _check(
    db: Session,
    cycle: Cycle,
    objection: Objection,
    submission: Submission,
    who: str,
    reason: str,
    seen: str,
    decision: ObjectionState,
    outcome: OutcomeRecord | None,
) -> None:
    if decision not in DECISIONS:
        raise ObjectionError(f"处理决定只能是{'或'.join(f'“{d.label}”' for d in DECISIONS)}。")
    if not who or not reason:
        raise ObjectionError("处理申诉必须填写处理人和理由。")
    if cycle.state not in DECIDABLE or outcome is None:
        raise ObjectionError(f"年度处于“{cycle.state.label}”阶段，评价结果反馈之后、年度办结之前才能处理申诉。")
    current = digest_of(db, objection)
    if len(seen) < 8 or not current.startswith(seen):
        raise ObjectionError(
            f"申诉材料或评价结果在您查看之后有变化（您看到的摘要 {seen[:12]}，现摘要 {current[:12]}），请重新查看后再处理。"
        )
    reviewers = db.exec(select(Review.reviewer).where(Review.submission_id == submission.id)).all()
    if who in reviewers:
        raise ObjectionError(f"{who}是该部门的复核人员，不能处理对本人复核结果的申诉，请由他人处理。")


def _check_lines(cycle: Cycle, decision: ObjectionState, corrections: Sequence[Correction]) -> None:
    """Refuse corrected lines that the rule set does not know or that only the program computes."""
    if corrections and decision is not ObjectionState.UPHELD:
        raise ObjectionError("维持原结果的，不能更正得分。")
    ruleset = rules.load(cycle.ruleset_id)
    claimable = {rule.id: rule for rule in ruleset.claimable}
    for number, line in enumerate(corrections, 1):
        rule = claimable.get(line.rule)
        if rule is None:
            raise ObjectionError(
                f"第{number}项更正的指标“{line.rule}”不存在或由程序计算，可更正的指标：{'、'.join(claimable)}。"
            )
        if line.score < 0 or (rule.maximum is not None and line.score > rule.maximum):
            top = "" if rule.maximum is None else f"至{trimmed(rule.maximum)}"
            raise ObjectionError(f"第{number}项更正“{rule.label}”的得分{line.score}超出范围（0{top}分）。")
        if not line.reason.strip():
            raise ObjectionError(f"第{number}项更正“{rule.label}”没有写明理由。")
    named = [line.rule for line in corrections]
    if len(named) != len(set(named)):
        raise ObjectionError("同一指标只能更正一次，请合并后重新提交。")


def _settled_again(
    db: Session, cycle: Cycle, submission: Submission, department: Department, who: str
) -> OutcomeRecord | None:
    """The result recalculated with the corrected lines (重新核定结果), as the next version."""
    outcome = results.outcome_of(db, cycle, submission)
    if outcome is None or submission.state is not SubmissionState.ACCEPTED:
        raise ObjectionError(f"{department.name}没有评分表，不能更正得分。")
    results.keep(db, cycle, submission, department, outcome, who)
    db.flush()
    return lookup.latest_outcome(db, submission)


def _answer(
    db: Session,
    cycle: Cycle,
    objection: Objection,
    department: Department,
    before: OutcomeRecord | None,
    after: OutcomeRecord | None,
) -> None:
    context = ObjectionDecidedContext(
        upheld=objection.state is ObjectionState.UPHELD,
        received_on=objection.received_on,
        decided_on=clock.local_date(objection.decided_at) if objection.decided_at else clock.today(),
        reason=objection.reason or "",
        changes=changes(before, after),
        final_score=after.final_score if after else None,
        grade=after.grade if after else None,
    )
    compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.OBJECTION_DECIDED,
        number=objection.id,
        department=department,
        context=context,
    )


def changes(before: OutcomeRecord | None, after: OutcomeRecord | None) -> tuple[Change, ...]:
    """What a new version of a result changes (结果变更), line by line and in total; nothing where it is the same."""
    if before is None or after is None or before.id == after.id:
        return ()
    old, new = Outcome.model_validate(before.outcome), Outcome.model_validate(after.outcome)
    earlier = {line.rule: line.final for line in old.lines}
    rows = [(line.label, earlier.get(line.rule), line.final) for line in new.lines]
    rows += [("复核得分", old.review_score, new.review_score), ("最终得分", old.final_score, new.final_score)]
    told = [Change(item=label, before=_points(b), after=_points(a)) for label, b, a in rows if b != a]
    if before.grade != after.grade:
        told.append(Change(item="等级", before=before.grade, after=after.grade))
    return tuple(told)


def _points(value: Decimal | None) -> str | None:
    return None if value is None else f"{trimmed(value)}分"


def _told(
    objection: Objection, department: Department, before: OutcomeRecord | None, after: OutcomeRecord | None
) -> Decided:
    old, new = (row.final_score if row else None for row in (before, after))
    moved = f"最终得分由{_points(old)}变更为{_points(new)}" if old != new else f"最终得分仍为{_points(new) or '—'}"
    sentence = f"{department.name}的申诉：{objection.state.label}，{moved}。"
    return Decided(sentence, old, new, after.number if after else None)
