"""Opening a year (建立年度评价工作): the roster, the rule set and the dates it brings, one duty for each department."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, select

from models import rules
from models.records import Contact, Cycle, Department, StageDate, Submission
from models.states import ContactRole, Stage
from tasks import clock, filestore, lookup, store
from tasks.stages import use_of_results
from tasks.stages.figures import ImportRefusedError
from tasks.writing.roster_workbook import RosterDepartment, read_roster


def open_cycle(
    fiscal_year: int,
    *,
    county: str,
    bureau: str,
    office: str,
    ruleset_id: str,
    roster: bytes,
    roster_name: str,
    who: str,
) -> Cycle:
    """Open the evaluation of a fiscal year (建立年度评价工作) from a roster workbook (xlsx or csv).

    All or nothing: a broken roster raises ImportRefusedError naming every broken row. Opening again with the same roster
    changes nothing; a changed roster adds departments and updates contacts, and never removes a duty.
    """
    ruleset = rules.load(ruleset_id)
    found = read_roster(roster)
    if found.problems:
        raise ImportRefusedError(f"部门名册“{roster_name}”", tuple(found.problems))
    filestore.keep(roster)
    with store.session() as db:
        cycle = db.exec(select(Cycle).where(Cycle.fiscal_year == fiscal_year)).first()
        if cycle is None:
            cycle = Cycle(
                fiscal_year=fiscal_year,
                county=county,
                bureau=bureau,
                office=office,
                ruleset_id=ruleset.id,
                ruleset_digest=ruleset.digest,
                opened_at=clock.now(),
            )
            db.add(cycle)
            db.flush()
            for stage, due_on in stage_days(ruleset.calendar.dates(fiscal_year).model_dump()).items():
                db.add(StageDate(cycle_id=cycle.id, stage=stage, due_on=due_on))
            store.record(
                db, who, "cycle.opened", str(fiscal_year), None, {"ruleset": ruleset.id, "digest": ruleset.digest}
            )
        for entry in found.departments:
            _enrol(db, cycle, entry, who)
        before = use_of_results.neighbour(db, cycle, -1)
        if before is not None:
            use_of_results.hand_over(db, before, cycle)
        return cycle


def stage_days(days: dict[str, date]) -> dict[Stage, date]:
    """The dates a rule set brings (规则带来的日期) by stage; feedback follows the reviews, remediation the publication."""
    return {
        Stage.NOTICE: days["notice"],
        Stage.SUBMIT_BY: days["submit_by"],
        Stage.SCORING: days["scoring"],
        Stage.DRAW: days["draw"],
        Stage.REVIEW_BY: days["review_by"],
        Stage.FEEDBACK: days["review_by"],
        Stage.PUBLISH: days["publish"],
        Stage.RECTIFY: days["publish"],
        Stage.CLOSE: days["close"],
    }


def set_stage_date(db: Session, cycle: Cycle, stage: Stage, due_on: date, who: str) -> None:
    """Set or move a stage's date (调整阶段日期), on the audit trail."""
    row = lookup.stage_dates(db, cycle).get(stage)
    if row is not None and row.due_on == due_on:
        return
    old = {"due_on": row.due_on.isoformat()} if row else None
    row = row or StageDate(cycle_id=cycle.id, stage=stage, due_on=due_on)
    row.due_on = due_on
    db.add(row)
    store.record(db, who, "stage.dated", f"{cycle.fiscal_year}/{stage}", old, {"due_on": due_on.isoformat()})


def _enrol(db: Session, cycle: Cycle, entry: RosterDepartment, who: str) -> None:
    department = db.exec(select(Department).where(Department.code == entry.code)).first()
    before = _told(department) if department else None
    department = department or Department(code=entry.code, name=entry.name, stratum=entry.stratum)
    department.name, department.stratum = entry.name, entry.stratum
    department.short_names, department.projects = list(entry.short_names), list(entry.projects)
    db.add(department)
    db.flush()
    if before != _told(department):
        store.record(db, who, "department.set", entry.code, before, _told(department))
    _contacts(db, department, [(c.name, c.role, c.address) for c in entry.contacts], who)
    known = db.exec(
        select(Submission).where(Submission.cycle_id == cycle.id, Submission.department_id == department.id)
    ).first()
    if known is None:
        db.add(Submission(cycle_id=cycle.id, department_id=department.id))


def _told(department: Department) -> dict[str, object]:
    return {"name": department.name, "stratum": department.stratum, "projects": list(department.projects)}


def _contacts(db: Session, department: Department, wanted: Sequence[tuple[str, ContactRole, str]], who: str) -> None:
    known = {c.address: c for c in db.exec(select(Contact).where(Contact.department_id == department.id))}
    for name, role, address in wanted:
        contact = known.get(address)
        if contact is not None and (contact.name, contact.role) == (name, role):
            continue
        old = {"name": contact.name, "role": str(contact.role)} if contact else None
        contact = contact or Contact(department_id=department.id, name=name, role=role, address=address)
        contact.name, contact.role = name, role
        db.add(contact)
        new = {"name": name, "role": str(role), "address": address}
        store.record(db, who, "contact.set", department.code, old, new)
    for address in known.keys() - {address for _, _, address in wanted}:
        gone = known[address]
        store.record(db, who, "contact.removed", department.code, {"name": gone.name, "address": address}, None)
        db.delete(gone)
