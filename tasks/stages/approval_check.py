"""Holding material against what was approved (所报与批复核对): at every reading, and again whenever the approval changes.

What no longer holds, because a person corrected the reading or a newer approval came in, is set aside with the reason and
taken up again should it hold again.
"""

from __future__ import annotations

from sqlmodel import Session, select

from models.checks.approved import TITLES_APPROVED, compare_approved
from models.facts import Finding
from models.records import Cycle, Department, FindingRecord, Submission, SubmissionVersion
from tasks import lookup, store
from tasks.stages import approved, effective, findings, notice_targets

WHO = "系统"
# Who a finding of this kind is set aside by when it no longer holds.
SET_ASIDE = "批复核对"
MISSING = ("approved-indicator-missing", "approved-project-missing")


def settle_all(fiscal_year: int) -> int:
    """Hold every department's material against the approval in force (核对全部批复); returns how many findings changed.

    Repeatable: with the same approval, readings and corrections nothing changes.
    """
    changed = 0
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        for submission, department in lookup.submissions(db, cycle):
            version = _counting(db, submission)
            if version is not None:
                changed += settle(db, cycle, department, submission, version)
    return changed


def _counting(db: Session, submission: Submission) -> SubmissionVersion | None:
    if submission.accepted_version_id is not None:
        return db.get_one(SubmissionVersion, submission.accepted_version_id)
    return max(lookup.versions(db, submission), key=lambda version: version.number, default=None)


def settle(
    db: Session, cycle: Cycle, department: Department, submission: Submission, version: SubmissionVersion
) -> int:
    """Hold one version against the approval (核对一个版本), inside the caller's transaction; how many findings changed."""
    reading = lookup.latest_reading(db, version.id)
    now = effective.of_version(db, submission, version)
    if reading is None or now is None:
        return 0
    in_force = approved.in_force(db, cycle)
    issued = notice_targets.issued_version(db, cycle)
    earlier = issued if issued is not None and in_force is not None and issued.number != in_force.number else None
    found = compare_approved(
        now.facts,
        approved.of_department(db, in_force, department),
        approved.of_department(db, earlier, department),
        version=in_force.number if in_force is not None else 0,
    )
    if now.facts.fiscal_year not in (None, str(cycle.fiscal_year)):
        found = ()
    if reading.error_code is not None:
        # What a file that cannot be read holds is not missing.
        found = tuple(one for one in found if one.code not in MISSING)
    changed = len(findings.keep(db, cycle, department, reading, found))
    db.flush()
    holds = {findings.digest_of(finding) for finding in found}
    return changed + _set_aside(db, cycle, department, reading.id, holds)


def _set_aside(db: Session, cycle: Cycle, department: Department, reading_id: int, holds: set[str]) -> int:
    """Set aside what no longer holds, take up again what does; a person's own dismissal is left alone."""
    chosen = select(FindingRecord).where(FindingRecord.reading_id == reading_id)
    changed = []
    for row in db.exec(chosen).all():
        if row.code not in TITLES_APPROVED:
            continue
        if row.digest not in holds and row.dismissed_by is None:
            row.dismissed_by = SET_ASIDE
            row.dismissed_because = "按现行批复和更正后的读取结果重新核对，此项不再成立。"
        elif row.digest in holds and row.dismissed_by == SET_ASIDE:
            row.dismissed_by = row.dismissed_because = None
        else:
            continue
        db.add(row)
        changed.append(row.number)
    if changed:
        subject = f"{cycle.fiscal_year}/{department.code}"
        store.record(db, WHO, "findings.approval_settled", subject, None, {"reading": reading_id, "numbers": changed})
    return len(changed)


def standing(db: Session, version: SubmissionVersion) -> tuple[Finding, ...]:
    """What of it stands for a version (仍然成立的批复疑点), as a department may be told."""
    reading = lookup.latest_reading(db, version.id)
    if reading is None:
        return ()
    chosen = select(FindingRecord).where(FindingRecord.reading_id == reading.id)
    return tuple(
        findings.finding_of(row)
        for row in db.exec(chosen).all()
        if row.code in TITLES_APPROVED and row.dismissed_by is None
    )
