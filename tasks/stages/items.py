"""Remediation items (整改事项): what becomes one, opened once with a notice, added by staff, handed to the next year."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta

from sqlmodel import Session, col, select

from models import rules
from models.facts import Severity
from models.records import Cycle, Department, RectificationItem, Submission, SubmissionVersion
from models.remediation import Problem, RemediationPolicy, problem, repeated, reviewed_problem, severity_of
from models.states import (
    CycleState,
    ItemSeverity,
    LetterKind,
    RectificationOrigin,
    RectificationState,
    Stage,
    SubmissionState,
)
from tasks import clock, lookup, store
from tasks.interpreting.passages import split_enumerated
from tasks.mail import compose
from tasks.mail.contexts import RectificationCarriedContext, RectificationContext
from tasks.stages import cycle as cycles
from tasks.stages import double_review, effective, findings, moves, rectification, replies, results
from tasks.stages.rectification import WHO, RectificationError, items_of
from tasks.writing.letters import write_rectification_form


def policy_of(cycle: Cycle) -> RemediationPolicy:
    """How the year's rule set opens items (本年度整改口径)."""
    return rules.load(cycle.ruleset_id).remediation


def problems(db: Session, cycle: Cycle, submission: Submission) -> Iterator[Problem]:
    """What a department has to put right (需整改的问题).

    What it carried over from last year, its own words point by point, the contradictions that stand, and what the review
    deducted for.
    """
    policy = policy_of(cycle)
    for name, item in earlier_items(db, cycle, submission):
        if item.state is RectificationState.CARRIED_OVER:
            yield problem(RectificationOrigin.CARRIED, f"{item.problem}（{name}，未完成）", policy)
    version = db.get(SubmissionVersion, submission.accepted_version_id or 0)
    now = effective.of_version(db, submission, version) if version is not None else None
    if now is not None:
        for passage in now.facts.problems:
            for text in split_enumerated(passage.text):
                yield problem(RectificationOrigin.REPORT, text, policy)
        for finding in findings.standing(db, submission):
            if finding.severity is Severity.ERROR:
                yield problem(RectificationOrigin.FINDING, finding.message, policy)
    review = double_review.reviewed(db, cycle, submission)
    known = {rule.id: rule for rule in rules.load(cycle.ruleset_id).rules}
    adjusted = results.adjustments(db, submission)
    for line in review.lines if review is not None else ():
        rule = known[line.rule]
        # Who settles a difference says why in any case; only points that were taken are a problem, and not those that an
        # upheld objection gave back.
        score = adjusted[line.rule].score if line.rule in adjusted else line.score
        if line.reason and (rule.maximum is None or score < rule.maximum):
            yield reviewed_problem(f"{rule.label}：{line.reason}", score, rule.maximum, policy)


def earlier_items(db: Session, cycle: Cycle, submission: Submission) -> list[tuple[str, RectificationItem]]:
    """The items of a department in the year before (上年度整改事项), each with its name in words."""
    found = db.exec(
        select(RectificationItem)
        .join(Submission, col(Submission.id) == col(RectificationItem.submission_id))
        .join(Cycle, col(Cycle.id) == col(Submission.cycle_id))
        .where(Submission.department_id == submission.department_id, Cycle.fiscal_year == cycle.fiscal_year - 1)
        .order_by(col(RectificationItem.number))
    )
    return [(f"{cycle.fiscal_year - 1}年度第{item.number}项", item) for item in found]


def open_items(fiscal_year: int) -> int:
    """Open every item and send the remediation notices (下达整改通知), once; returns how many items are new."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        if cycle.state is not CycleState.PUBLISHED:
            return 0
        report_by = clock.today() + timedelta(days=rules.load(cycle.ruleset_id).calendar.rectify_days)
        cycles.set_stage_date(db, cycle, Stage.RECTIFY_BY, report_by, WHO)
        made = 0
        for submission, department in lookup.submissions(db, cycle):
            if submission.state is SubmissionState.ACCEPTED:
                made += _open_for(db, cycle, submission, department, report_by)
        moves.mark_done(db, cycle, Stage.RECTIFY)
        moves.move_cycle(db, cycle, CycleState.RECTIFYING, WHO)
        return made


def _open_for(db: Session, cycle: Cycle, submission: Submission, department: Department, report_by: date) -> int:
    made = 0
    for found in problems(db, cycle, submission):
        made += _open(db, cycle, submission, department, found, None, WHO) is not None
    items = items_of(db, submission)
    if items:
        _notify(db, cycle, department, items, report_by, 1)
    return made


def _open(
    db: Session,
    cycle: Cycle,
    submission: Submission,
    department: Department,
    found: Problem,
    due_on: date | None,
    who: str,
) -> RectificationItem | None:
    """One new item (新建整改事项), due as its severity asks unless a day is given; None where the same is there already."""
    digest = hashlib.sha256(f"{found.origin}|{found.text}".encode()).hexdigest()
    items = items_of(db, submission)
    if digest in {item.digest for item in items}:
        return None
    policy, again = policy_of(cycle), None
    if found.origin is not RectificationOrigin.CARRIED:
        earlier = [(name, item.problem) for name, item in earlier_items(db, cycle, submission)]
        again = repeated(found.text, earlier, policy)
    severity = severity_of(found, again, policy)
    days = policy.within(severity, rules.load(cycle.ruleset_id).calendar.rectify_days)
    made = RectificationItem(
        submission_id=submission.id,
        number=len(items) + 1,
        origin=found.origin,
        digest=digest,
        problem=found.text,
        severity=severity,
        evidence_needed=found.evidence,
        repeats=again,
        due_on=due_on or clock.today() + timedelta(days=days),
        opened_at=clock.now(),
    )
    db.add(made)
    db.flush()
    new = {"problem": found.text, "severity": str(made.severity), "repeats": again}
    store.record(db, who, "item.opened", f"{cycle.fiscal_year}/{department.code}/{made.number}", None, new)
    return made


def _notify(
    db: Session, cycle: Cycle, department: Department, items: list[RectificationItem], report_by: date, number: int
) -> None:
    compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.RECTIFICATION,
        number=number,
        department=department,
        context=RectificationContext(items=tuple(map(rectification.line, items)), report_by=report_by),
        attachments=[
            (
                f"整改情况报告表-{department.code}-{department.name}.docx",
                write_rectification_form(replies.form_view(cycle, department, items)),
            )
        ],
    )


def add_item(
    fiscal_year: int, code: str, text: str, severity: ItemSeverity, evidence: str, due_on: date, who: str
) -> int:
    """Add an item by hand (补充整改事项) and tell the department; returns its number. The same text again adds nothing.

    Raises RectificationError outside the remediation stage, for a day that is past, or without text and name.
    """
    text, who = text.strip(), who.strip()
    if not text or not who:
        raise RectificationError("补充整改事项必须填写问题和经办人。")
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        submission, department = lookup.submission_of(db, cycle, code)
        if cycle.state is not CycleState.RECTIFYING:
            raise RectificationError(f"年度处于“{cycle.state.label}”阶段，下达整改通知后才能补充整改事项。")
        if due_on < clock.today():
            raise RectificationError(f"完成时限{due_on}已过，请填写今天或以后的日期。")
        found = problem(RectificationOrigin.STAFF, text, policy_of(cycle))._replace(severity=severity)
        found = found._replace(evidence=evidence.strip() or found.evidence)
        made = _open(db, cycle, submission, department, found, due_on, who)
        if made is None:
            digest = hashlib.sha256(f"{found.origin}|{text}".encode()).hexdigest()
            return next(item.number for item in items_of(db, submission) if item.digest == digest)
        number = 1
        while compose.find(db, compose.key_of(cycle, LetterKind.RECTIFICATION, number, code)):
            number += 1
        _notify(db, cycle, department, [made], due_on, number)
        return made.number


def carry_over(fiscal_year: int, code: str, numbers: list[int], reason: str, who: str) -> None:
    """Hand items that were not put right to the next year (转入下一年度), after the leader in charge was written to.

    The same again changes nothing. Raises RectificationError for an item that does not exist, waits for verification, or
    has not been escalated.
    """
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        submission, department = lookup.submission_of(db, cycle, code)
        items = {item.number: item for item in items_of(db, submission)}
        carried: list[RectificationItem] = []
        for number in numbers:
            item = items.get(number)
            if item is None:
                raise RectificationError(f"{department.name}没有第{number}项整改事项，共{len(items)}项。")
            if item.state is RectificationState.CARRIED_OVER:
                continue
            if item.state not in rectification.WAITING:
                raise RectificationError(f"{department.name}第{number}项为“{item.state.label}”，不能转入下一年度。")
            since = rectification.escalation_day(cycle, item.due_on)
            if clock.today() < since:
                raise RectificationError(
                    f"{department.name}第{number}项自{since}起向分管领导督办，督办后仍未完成的才能转入下一年度。"
                )
            rectification.move(db, cycle, department, item, RectificationState.CARRIED_OVER, who, reason)
            item.closed_at, item.closed_by = clock.now(), who
            carried.append(item)
        if carried:
            _tell_carried(db, cycle, department, carried, list(items.values()))


def _tell_carried(
    db: Session,
    cycle: Cycle,
    department: Department,
    carried: list[RectificationItem],
    items: list[RectificationItem],
) -> None:
    """Tell the department which items go on (整改事项结转通知). An item is carried once, so the first numbers the letter."""
    open_ones = (*rectification.WAITING, RectificationState.CLAIMED_DONE)
    compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.RECTIFICATION_CARRIED,
        number=min(item.number for item in carried),
        department=department,
        context=RectificationCarriedContext(
            items=tuple(map(rectification.line, carried)),
            carried_on=clock.today(),
            next_year=cycle.fiscal_year + 1,
            remaining=sum(item.state in open_ones for item in items),
        ),
    )
