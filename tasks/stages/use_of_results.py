"""Use of results (结果应用): the list for the budget desk, and what a year hands to the next one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from sqlmodel import Session, col, select

from models import rules
from models.figures import FigureKey
from models.numbers import plain
from models.published import DepartmentResult, PublishedResults, published_results
from models.records import BureauFigure, Cycle, Department, Receipt, Submission
from models.rules.cards import Outcome
from models.states import CycleState, ReceiptOutcome, RectificationState, Stage, SubmissionState
from tasks import clock, lookup, store
from tasks.stages import rectification, reports
from tasks.writing.budget_list import write_budget_list

WHO = "系统"
ORIGIN = "上年度整改台账"
# From when on a year's remediation record says something.
KNOWN = (CycleState.RECTIFYING, CycleState.CLOSED)


def write_list(fiscal_year: int) -> Path:
    """Write the list by grade for the budget desk (结果应用清单), classified units included: it stays in the house."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        bands = rules.load(cycle.ruleset_id).grade_bands
        results = internal_results(db, cycle)
    return reports.put_document(f"结果应用清单-{fiscal_year}.xlsx", write_budget_list(results, bands))


def internal_results(db: Session, cycle: Cycle) -> PublishedResults:
    """The results in force of every department (内部结果), classified units included: never for the outside."""
    return published_results(
        rules.load(cycle.ruleset_id),
        [_result(db, submission, department) for submission, department in lookup.submissions(db, cycle)],
        fiscal_year=cycle.fiscal_year,
        county=cycle.county,
        bureau=cycle.bureau,
    )


def _result(db: Session, submission: Submission, department: Department) -> DepartmentResult:
    row = lookup.outcome_in_force(db, submission)
    outcome = Outcome.model_validate(row.outcome) if row and submission.state is SubmissionState.ACCEPTED else None
    return DepartmentResult(code=department.code, name=department.name, outcome=outcome)


def hand_over(db: Session, old: Cycle, new: Cycle) -> int:
    """Hand a year's remediation record to the next year (移交下一年度) as its figures; returns how many figures changed.

    Repeatable; follows the record while the old year is open. A figure that staff took in from a workbook stays. A
    department without an accepted report last year has no record: its figures stay unknown, never 0.
    """
    if old.state not in KNOWN:
        return 0
    duties = {department.id: (s, department) for s, department in lookup.submissions(db, old)}
    changed = 0
    for _, department in lookup.submissions(db, new):
        if department.id not in duties:
            continue
        submission, _ = duties[department.id]
        if submission.state is not SubmissionState.ACCEPTED:
            continue
        for key, value in last_year(db, old, submission).items():
            changed += _put(db, new, department, key, value)
    return changed


def last_year(db: Session, cycle: Cycle, submission: Submission) -> dict[FigureKey, Decimal]:
    """A department's remediation in figures (上年度整改情况): problems, remedied, measures applied, reported in time.

    Measures count as applied when every item was verified; in time when the first remediation report came by its date.
    Without an item there was nothing to apply or report: these two stay unknown.
    """
    items = rectification.items_of(db, submission)
    remedied = sum(item.state is RectificationState.VERIFIED for item in items)
    found = {FigureKey.LAST_YEAR_PROBLEMS: Decimal(len(items)), FigureKey.LAST_YEAR_REMEDIED: Decimal(remedied)}
    if items:
        found[FigureKey.LAST_YEAR_MEASURES_APPLIED] = Decimal(remedied == len(items))
        found[FigureKey.LAST_YEAR_REPORTED_IN_TIME] = Decimal(_in_time(db, cycle, submission))
    return found


def _in_time(db: Session, cycle: Cycle, submission: Submission) -> bool:
    first = _first_report(db, cycle, submission)
    due = lookup.stage_dates(db, cycle).get(Stage.RECTIFY_BY)
    return first is not None and due is not None and first <= due.due_on


def _first_report(db: Session, cycle: Cycle, submission: Submission) -> date | None:
    receipt = db.exec(
        select(Receipt)
        .where(Receipt.cycle_id == cycle.id, Receipt.department_id == submission.department_id)
        .where(Receipt.outcome == ReceiptOutcome.RECTIFICATION)
        .order_by(col(Receipt.received_at), col(Receipt.id))
    ).first()
    return clock.local_date(receipt.received_at) if receipt else None


def _put(db: Session, cycle: Cycle, department: Department, key: FigureKey, value: Decimal) -> bool:
    row = db.exec(
        select(BureauFigure).where(
            BureauFigure.cycle_id == cycle.id, BureauFigure.department_id == department.id, BureauFigure.key == key
        )
    ).first()
    if row is not None and (row.origin != ORIGIN or row.value == plain(value)):
        return False
    old = {"value": row.value} if row else None
    row = row or BureauFigure(
        cycle_id=cycle.id,
        department_id=department.id,
        key=str(key),
        value="",
        imported_at=clock.now(),
        origin=ORIGIN,
    )
    row.value, row.imported_at = plain(value), clock.now()
    db.add(row)
    subject = f"{cycle.fiscal_year}/{department.code}/{key}"
    store.record(db, WHO, "figure.set", subject, old, {"value": row.value, "origin": ORIGIN})
    return True


def neighbour(db: Session, cycle: Cycle, years: int) -> Cycle | None:
    """The evaluation so many years later or earlier (相邻年度); None where there is none."""
    return db.exec(select(Cycle).where(Cycle.fiscal_year == cycle.fiscal_year + years)).first()
