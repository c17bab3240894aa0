"""What a refused correction takes back (更正不予批准): its versions never come into force, its objections are open again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from models.numbers import trimmed
from models.records import (
    Approval,
    Cycle,
    Department,
    Edition,
    Objection,
    ObjectionAdjustment,
    OutcomeRecord,
    Submission,
)
from models.states import ObjectionState
from tasks import lookup, store


def pending(db: Session, cycle: Cycle) -> list[tuple[OutcomeRecord, Submission, Department]]:
    """Versions settled after the publication that no edition shows yet (尚未生效的更正结果), by department code."""
    if db.exec(select(Edition.id).where(Edition.cycle_id == cycle.id)).first() is None:
        return []
    found = []
    for submission, department in lookup.submissions(db, cycle):
        row = lookup.latest_outcome(db, submission)
        if row is not None and row.edition is None and not department.withheld:
            found.append((row, submission, department))
    return found


def upheld_in(db: Session, row: OutcomeRecord) -> Sequence[Objection]:
    """The objections whose corrected lines went into this version of a result (结果所依据的申诉), oldest first."""
    return db.exec(
        select(Objection)
        .where(Objection.submission_id == row.submission_id, Objection.state == ObjectionState.UPHELD)
        .where(col(Objection.decided_at) <= row.settled_at)
        .order_by(col(Objection.id))
    ).all()


def not_in_force(db: Session, submission: Submission) -> Iterator[tuple[str, str]]:
    """Versions settled after the publication that do not count (未生效的结果), for the staff's board: label and words."""
    newest, counts = lookup.latest_outcome(db, submission), lookup.outcome_in_force(db, submission)
    if newest is not None and (counts is None or newest.id != counts.id):
        yield "更正结果", f"第{newest.number}版：{_score(newest)}，更正公开之前不生效"
    refused = (
        select(OutcomeRecord, Approval)
        .join(Approval, col(Approval.id) == col(OutcomeRecord.refused_id))
        .where(OutcomeRecord.submission_id == submission.id)
        .order_by(col(OutcomeRecord.number))
    )
    for row, matter in db.exec(refused):
        yield "未获批准的更正", f"第{row.number}版：{_score(row)}，{matter.decided_by}不同意（{matter.reason}），不生效"


def _score(row: OutcomeRecord) -> str:
    points = "—" if row.final_score is None else trimmed(row.final_score)
    return f"{points}分，{row.grade or '未评定等级'}"


def take_back(db: Session, cycle: Cycle, matter: Approval) -> None:
    """Take back what a refused correction would have changed (撤回未获批准的更正), in the transaction of the refusal.

    The versions stay on record with the refusal; every upheld objection that is not public yet is to be decided again.
    """
    put_forward = matter.summary.get("versions", {})
    for row, submission, department in pending(db, cycle):
        if put_forward.get(department.code) != row.number:
            continue
        before = lookup.outcome_in_force(db, submission)
        _refuse_versions(db, cycle, submission, department, row, matter)
        for objection in upheld_in(db, row):
            if before is None or (objection.decided_at and objection.decided_at > before.settled_at):
                _open_again(db, cycle, department, objection, matter)


def _refuse_versions(
    db: Session, cycle: Cycle, submission: Submission, department: Department, last: OutcomeRecord, matter: Approval
) -> None:
    """Mark the version that was put forward and those it replaced before anybody saw them (登记不予批准)."""
    rows = db.exec(
        select(OutcomeRecord)
        .where(OutcomeRecord.submission_id == submission.id, OutcomeRecord.number <= last.number)
        .where(col(OutcomeRecord.edition).is_(None), col(OutcomeRecord.refused_id).is_(None))
        .where(col(OutcomeRecord.number) > _published_number(db, submission))
        .order_by(col(OutcomeRecord.number))
    ).all()
    subject = f"{cycle.fiscal_year}/{department.code}"
    for row in rows:
        row.refused_id = matter.id
        db.add(row)
        told = {"number": row.number, "final": row.outcome["final_score"]}
        store.record(db, matter.decided_by or "", "result.refused", subject, told, {"reason": matter.reason})
    db.flush()


def _published_number(db: Session, submission: Submission) -> int:
    row = db.exec(
        select(OutcomeRecord.number)
        .where(OutcomeRecord.submission_id == submission.id, col(OutcomeRecord.edition).is_not(None))
        .order_by(col(OutcomeRecord.number).desc())
    ).first()
    return row or 0


def _open_again(db: Session, cycle: Cycle, department: Department, objection: Objection, matter: Approval) -> None:
    old = {"state": str(objection.state), "decided_by": objection.decided_by, "reason": objection.reason}
    objection.state = ObjectionState.RECEIVED
    objection.decided_by = objection.reason = objection.decided_at = None
    db.add(objection)
    lines = select(ObjectionAdjustment).where(
        ObjectionAdjustment.objection_id == objection.id, col(ObjectionAdjustment.refused_id).is_(None)
    )
    for line in db.exec(lines).all():
        line.refused_id = matter.id
        db.add(line)
    subject = f"{cycle.fiscal_year}/{department.code}/{objection.id}"
    new = {"state": str(objection.state), "refused": matter.reason}
    store.record(db, matter.decided_by or "", "objection.reopened", subject, old, new)
    db.flush()
