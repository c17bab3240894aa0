"""Where the year stands (年度工作现状): counts for the agenda and for people."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.agenda import YearView
from models.records import (
    Cycle,
    Department,
    DrawRecord,
    Edition,
    Letter,
    Objection,
    Reading,
    Receipt,
    RectificationItem,
    Review,
    ScoreCardRecord,
    Submission,
    SubmissionVersion,
)
from models.states import (
    CycleState,
    Gate,
    LetterKind,
    LetterState,
    ObjectionState,
    ReceiptOutcome,
    RectificationState,
    SubmissionState,
)
from tasks import lookup
from tasks.mail import again
from tasks.stages import double_review, effective, refusing

# Items that keep no year open: put right, or handed to the next year.
CLOSED_ITEMS = (RectificationState.VERIFIED, RectificationState.CARRIED_OVER)


def year_view(db: Session, cycle: Cycle) -> YearView:
    """Count where a year stands (年度工作现状)."""
    due = {stage: row.due_on for stage, row in lookup.stage_dates(db, cycle).items()}
    draw, in_force = lookup.latest_draw(db, cycle), lookup.draw_in_force(db, cycle)
    # Once results are told no line is open any more; the cards of a whole year are much to read every half hour.
    judging = cycle.state in (CycleState.SCORING, CycleState.SPOT_CHECKING)
    open_lines = sum(len(open_rules(db, s)) for s in _accepted(db, cycle)) if judging else 0
    return YearView(
        state=cycle.state,
        due=due,
        letters_to_send=_letters(db, cycle, LetterState.APPROVED) + _letters(db, cycle, LetterState.SENDING),
        letters_to_bring=_letters(db, cycle, LetterState.TO_DELIVER),
        notice_approved=_notice_approved(db, cycle),
        versions_to_read=len(unread_versions(db, cycle)),
        cards_missing=_cards_missing(db, cycle),
        open_lines=open_lines,
        draw_approved=draw is not None and lookup.approved(db, cycle, Gate.DRAW, draw.digest),
        reviews_missing=len(double_review.waits_for(db, cycle, in_force)) if in_force else 0,
        items_open=_open_items(db, cycle),
        correction_due=_correction_due(db, cycle),
        waits_for=tuple(waiting_for(db, cycle)),
    )


def _cards_missing(db: Session, cycle: Cycle) -> int:
    """How many accepted departments have no score card (尚未评分的部门数)."""
    return db.exec(
        select(func.count())
        .select_from(Submission)
        .where(Submission.cycle_id == cycle.id, Submission.state == SubmissionState.ACCEPTED)
        .where(col(Submission.id).not_in(select(ScoreCardRecord.submission_id)))
    ).one()


def _notice_approved(db: Session, cycle: Cycle) -> bool:
    matter = lookup.latest_approval(db, cycle, Gate.NOTICE)
    if matter is None or not lookup.approved(db, cycle, Gate.NOTICE, matter.digest):
        return False
    draft = select(Letter.id).where(
        Letter.cycle_id == cycle.id,
        Letter.kind == LetterKind.NOTICE,
        Letter.number == matter.summary.get("number", 1),
        Letter.state == LetterState.DRAFT,
    )
    return db.exec(draft).first() is not None


def _correction_due(db: Session, cycle: Cycle) -> bool:
    """Whether a corrected edition was approved, or was entered by a run that ended before the departments were told."""
    matter = lookup.unpublished(db, cycle)
    if matter is not None:
        return matter.gate is Gate.CORRECTION
    number = db.exec(select(func.max(Edition.number)).where(Edition.cycle_id == cycle.id)).one() or 0
    told = select(Letter.id).where(
        Letter.cycle_id == cycle.id, Letter.kind == LetterKind.PUBLISHED, Letter.number == number
    )
    return number > 1 and db.exec(told).first() is None


def unread_versions(db: Session, cycle: Cycle) -> list[SubmissionVersion]:
    """Versions that nobody has read yet (待审读版本), oldest first."""
    return list(
        db.exec(
            select(SubmissionVersion)
            .join(Submission, col(Submission.id) == col(SubmissionVersion.submission_id))
            .where(
                Submission.cycle_id == cycle.id,
                ~col(SubmissionVersion.id).in_(select(Reading.version_id)),
            )
            .order_by(col(SubmissionVersion.id))
        )
    )


def _accepted(db: Session, cycle: Cycle) -> list[Submission]:
    return [s for s, _ in lookup.submissions(db, cycle) if s.state is SubmissionState.ACCEPTED]


def open_rules(db: Session, submission: Submission) -> dict[str, str]:
    """Lines that still need a person (待人工判定的指标): rule id -> why. A reviewed department's lines are settled."""
    card = lookup.latest_card(db, submission)
    if card is None:
        return {}
    judged = lookup.judgements_of(db, submission)
    return {
        line["rule"]: line.get("reason") or ""
        for line in card.card["lines"]
        if line["status"] == "needs_person" and line["rule"] not in judged
    }


def open_labels(db: Session, submission: Submission) -> list[str]:
    """The names of the lines that still need a person (待人工判定的指标名称), as staff know them."""
    waiting, card = open_rules(db, submission), lookup.latest_card(db, submission)
    return [line["label"] for line in card.card["lines"] if line["rule"] in waiting] if card else []


def missing_reviews(db: Session, draw: DrawRecord) -> list[Review]:
    """Reviews and settlements that have not come back (未交回的复核)."""
    return list(db.exec(select(Review).where(Review.draw_id == draw.id, col(Review.recorded_at).is_(None))))


def _letters(db: Session, cycle: Cycle, state: LetterState) -> int:
    return db.exec(
        select(func.count()).select_from(Letter).where(Letter.cycle_id == cycle.id, Letter.state == state)
    ).one()


def undecided_objections(db: Session, cycle: Cycle) -> list[tuple[Objection, Department]]:
    """Objections that nobody has decided (待处理的申诉), oldest first; nothing is published while there is one."""
    return list(
        db.exec(
            select(Objection, Department)
            .join(Submission, col(Submission.id) == col(Objection.submission_id))
            .join(Department, col(Department.id) == col(Submission.department_id))
            .where(Submission.cycle_id == cycle.id, Objection.state == ObjectionState.RECEIVED)
            .order_by(col(Objection.id))
        )
    )


def _to_publish(db: Session, cycle: Cycle) -> list[str]:
    """Changed results that nobody has put before the approver (待拟办更正公开的结果), as sentences."""
    matter = lookup.latest_approval(db, cycle, Gate.CORRECTION)
    asked = matter is not None and (matter.decision is None or _correction_due(db, cycle))
    put_forward = matter.summary.get("versions", {}) if matter is not None and asked else {}
    return [
        f"{department.name}的评价结果已重新核定（第{row.number}版），公开之前不生效，请“拟办更正公开”。"
        for row, _, department in refusing.pending(db, cycle)
        if put_forward.get(department.code) != row.number
    ]


def _held(db: Session, cycle: Cycle, outcome: ReceiptOutcome) -> int:
    """How many receipts of a kind nobody has looked at (待人处理的来件数); automatic answers are not counted."""
    query = (
        select(func.count())
        .select_from(Receipt)
        .where(Receipt.cycle_id == cycle.id, Receipt.outcome == outcome, col(Receipt.handled_at).is_(None))
    )
    if outcome is ReceiptOutcome.IGNORED:
        query = query.where(col(Receipt.identified_by).is_not(None))
    return db.exec(query).one()


def _open_items(db: Session, cycle: Cycle) -> int:
    return db.exec(
        select(func.count())
        .select_from(RectificationItem)
        .join(Submission, col(Submission.id) == col(RectificationItem.submission_id))
        .where(Submission.cycle_id == cycle.id, col(RectificationItem.state).not_in(CLOSED_ITEMS))
    ).one()


def waiting_for(db: Session, cycle: Cycle) -> list[str]:
    """Who must do what before the year can go on (等待办理的事项), as sentences for staff."""
    sentences = []
    for gate in Gate:
        matter = lookup.latest_approval(db, cycle, gate)
        if matter is not None and matter.decision is None:
            sentences.append(f"“{gate.label}”待审批，由{matter.prepared_by}拟办，摘要 {matter.digest[:12]}。")
    if cycle.state in (CycleState.SCORING, CycleState.SPOT_CHECKING):
        for submission, department in lookup.submissions(db, cycle):
            rules = open_rules(db, submission)
            if rules and submission.state is SubmissionState.ACCEPTED:
                sentences.append(
                    f"{department.name}有{len(rules)}项指标待人工判定：{'、'.join(open_labels(db, submission))}。"
                )
    draw = lookup.draw_in_force(db, cycle)
    if draw is not None and cycle.state is CycleState.SPOT_CHECKING:
        sentences += double_review.waits_for(db, cycle, draw)
    sentences += [
        f"{department.name}的申诉（编号{objection.id}）待处理。"
        for objection, department in undecided_objections(db, cycle)
    ]
    sentences += _to_publish(db, cycle)
    sentences += effective.asked_again(db, cycle)
    held = _held(db, cycle, ReceiptOutcome.QUARANTINED)
    if held:
        sentences.append(f"有{held}份来件隔离待查，请在“来件待办清单”中放行或确认不采用。")
    said = _held(db, cycle, ReceiptOutcome.IGNORED)
    if said:
        sentences.append(f"有{said}封只有正文的来信待阅，请在“来件待办清单”中查看，已答复的确认办结。")
    unknown = _letters(db, cycle, LetterState.UNKNOWN)
    failed = _letters(db, cycle, LetterState.FAILED)
    if unknown:
        sentences.append(f"有{unknown}封函件发送结果不明，请核实是否送达后处理。")
    if failed:
        sentences.append(f"有{failed}封函件发送失败，请核对地址后处理。")
    returned = len(again.waiting(db, cycle.id))
    if returned:
        sentences.append(f"有{returned}封函件被退回，请更正部门名册后“补发退回的函件”，或者另行送达后登记。")
    to_bring = _letters(db, cycle, LetterState.TO_DELIVER)
    if to_bring:
        sentences.append(f"有{to_bring}封函件待另行送达，请按“待送达函件”打印送达，送达后登记。")
    return sentences
