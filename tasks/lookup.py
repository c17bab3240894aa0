"""Finding things in the database (查询): the handful of look-ups that several steps share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from models.records import (
    Approval,
    BureauFigure,
    Contact,
    Cycle,
    Department,
    DrawRecord,
    Edition,
    Judgement,
    OutcomeRecord,
    Reading,
    ScoreCardRecord,
    StageDate,
    Submission,
    SubmissionVersion,
)
from models.states import ContactRole, Decision, Gate, Stage


class UnknownCycleError(LookupError):
    """There is no evaluation year for this fiscal year (年度评价工作不存在)."""


def cycle_of(db: Session, fiscal_year: int) -> Cycle:
    """The evaluation year of a fiscal year (年度评价工作); raises UnknownCycleError when it was never opened."""
    found = db.exec(select(Cycle).where(Cycle.fiscal_year == fiscal_year)).first()
    if found is None:
        raise UnknownCycleError(
            f"尚未建立{fiscal_year}年度评价工作，请先运行“建立年度评价工作”。"
            f" No evaluation of fiscal year {fiscal_year} has been opened: run open_cycle first."
        )
    return found


def stage_dates(db: Session, cycle: Cycle) -> dict[Stage, StageDate]:
    """The dates of a year's stages (阶段日期)."""
    return {d.stage: d for d in db.exec(select(StageDate).where(StageDate.cycle_id == cycle.id))}


def submissions(db: Session, cycle: Cycle) -> Sequence[tuple[Submission, Department]]:
    """All departments' duties of a year (报送任务), by department code."""
    return db.exec(
        select(Submission, Department)
        .join(Department, col(Department.id) == col(Submission.department_id))
        .where(Submission.cycle_id == cycle.id)
        .order_by(Department.code)
    ).all()


def submission_of(db: Session, cycle: Cycle, code: str) -> tuple[Submission, Department]:
    """One department's duty by its code (按部门代码查询报送任务); raises LookupError naming the code."""
    for submission, department in submissions(db, cycle):
        if department.code == code:
            return submission, department
    raise LookupError(f"{cycle.fiscal_year}年度没有代码为“{code}”的部门，请核对部门代码。")


def contact_of(db: Session, department: Department, role: ContactRole = ContactRole.HANDLER) -> Contact | None:
    """Whom to write to (联系人): the role asked for, or any contact where there is none."""
    found = db.exec(select(Contact).where(Contact.department_id == department.id).order_by(col(Contact.id))).all()
    return next((c for c in found if c.role == role), found[0] if found else None)


def versions(db: Session, submission: Submission) -> Sequence[SubmissionVersion]:
    """The versions a department sent (报送版本), oldest first."""
    return db.exec(
        select(SubmissionVersion)
        .where(SubmissionVersion.submission_id == submission.id)
        .order_by(col(SubmissionVersion.number))
    ).all()


def latest_reading(db: Session, version_id: int) -> Reading | None:
    """The newest reading of a version (最新读取结果)."""
    return db.exec(select(Reading).where(Reading.version_id == version_id).order_by(col(Reading.id).desc())).first()


def figures_of(db: Session, cycle: Cycle, department: Department) -> dict[str, str]:
    """The bureau's figures for a department (财政数据) as text by key."""
    rows = db.exec(
        select(BureauFigure)
        .where(BureauFigure.cycle_id == cycle.id, BureauFigure.department_id == department.id)
        .order_by(BureauFigure.key)
    )
    return {row.key: row.value for row in rows}


def latest_card(db: Session, submission: Submission) -> ScoreCardRecord | None:
    """The newest score card of a department (最新评分表)."""
    return db.exec(
        select(ScoreCardRecord)
        .where(ScoreCardRecord.submission_id == submission.id)
        .order_by(col(ScoreCardRecord.number).desc())
    ).first()


def judgements_of(db: Session, submission: Submission, until: datetime | None = None) -> dict[str, Judgement]:
    """The judgement in force for each rule (人工判定): the latest, or what it was at a moment."""
    query = select(Judgement).where(Judgement.submission_id == submission.id).order_by(col(Judgement.number))
    return {row.rule: row for row in db.exec(query) if until is None or row.judged_at <= until}


def latest_outcome(db: Session, submission: Submission) -> OutcomeRecord | None:
    """The newest version of a result that was not refused (最新核定的结果): what would be published next, not what counts."""
    return db.exec(
        select(OutcomeRecord)
        .where(OutcomeRecord.submission_id == submission.id, col(OutcomeRecord.refused_id).is_(None))
        .order_by(col(OutcomeRecord.number).desc())
    ).first()


def outcome_in_force(db: Session, submission: Submission) -> OutcomeRecord | None:
    """The result that counts (现行评价结果): once the year's results are public, the version that the newest edition shows.

    Before the first edition, and for units that are not published, the newest version that was not refused.
    """
    newest = latest_outcome(db, submission)
    if newest is None or newest.edition is not None or db.get_one(Department, submission.department_id).withheld:
        return newest
    if db.exec(select(Edition.id).where(Edition.cycle_id == submission.cycle_id)).first() is None:
        return newest
    return db.exec(
        select(OutcomeRecord)
        .where(OutcomeRecord.submission_id == submission.id, col(OutcomeRecord.edition).is_not(None))
        .order_by(col(OutcomeRecord.number).desc())
    ).first()


def latest_draw(db: Session, cycle: Cycle) -> DrawRecord | None:
    """The newest draw of a year (最近一次抽取)."""
    return db.exec(
        select(DrawRecord).where(DrawRecord.cycle_id == cycle.id).order_by(col(DrawRecord.number).desc())
    ).first()


def draw_in_force(db: Session, cycle: Cycle) -> DrawRecord | None:
    """The draw that counts (有效的抽取结果): the newest that was approved; a redraw counts once it is approved."""
    approvals = select(Approval.digest).where(
        Approval.cycle_id == cycle.id, Approval.gate == Gate.DRAW, Approval.decision == Decision.APPROVED
    )
    return db.exec(
        select(DrawRecord)
        .where(DrawRecord.cycle_id == cycle.id, col(DrawRecord.digest).in_(approvals))
        .order_by(col(DrawRecord.number).desc())
    ).first()


def latest_approval(db: Session, cycle: Cycle, gate: Gate) -> Approval | None:
    """The newest matter put to a gate (最近一次审批事项)."""
    return db.exec(
        select(Approval).where(Approval.cycle_id == cycle.id, Approval.gate == gate).order_by(col(Approval.id).desc())
    ).first()


def approved(db: Session, cycle: Cycle, gate: Gate, digest: str) -> bool:
    """Whether exactly this content was approved (是否已批准)."""
    found = latest_approval(db, cycle, gate)
    return found is not None and found.digest == digest and found.decision is Decision.APPROVED


def unpublished(db: Session, cycle: Cycle) -> Approval | None:
    """What was approved for publication and is not public yet (已批准尚未公开的事项): the results, or a correction."""
    known = set(db.exec(select(Edition.digest).where(Edition.cycle_id == cycle.id)))
    matters = (latest_approval(db, cycle, gate) for gate in (Gate.PUBLICATION, Gate.CORRECTION))
    return next((m for m in matters if m and m.decision is Decision.APPROVED and m.digest not in known), None)


def editions(db: Session, cycle: Cycle) -> list[Edition]:
    """The published editions (已公开版次), oldest first."""
    return list(db.exec(select(Edition).where(Edition.cycle_id == cycle.id).order_by(col(Edition.number))))


def deadline_of(db: Session, cycle: Cycle, submission: Submission) -> date:
    """Until when a department must submit (报送截止日): its extension, or the general deadline."""
    return submission.extended_to or stage_dates(db, cycle)[Stage.SUBMIT_BY].due_on
