"""Findings (疑点): stored once a reading, dismissed by staff with a reason, and those that still stand.

A dismissal belongs to the text, not to the reading: it holds for every reading of the same submission that says the same
(``FindingRecord.digest``). What compares several departments is dismissed for all of them at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models import rules
from models.checks import CHECKS, fingerprint, title_of
from models.checks.across import TITLES_ACROSS
from models.document import Source
from models.facts import Finding, FindingPlace, Severity
from models.records import Cycle, Department, FindingRecord, Reading, Submission, SubmissionVersion
from models.rules.schema import RuleSet
from tasks import clock, lookup, settings, store
from tasks.writing.findings_workbook import FindingRow, write_findings_workbook

WHO = "系统"
# Who a finding is set aside by when the rule set switches its check off after it was stored.
RULESET = "评价规则"


class DismissalError(ValueError):
    """A finding that cannot be dismissed (不能排除疑点); the message says why, in Chinese."""


def switched_off(ruleset: RuleSet, code: str) -> bool:
    """Whether a rule set switches findings of this code off (疑点类别是否停用): by its own code, or all checks that make it."""
    if not ruleset.enabled(code):
        return True
    makers = [check.code for check in CHECKS if code in (check.code, *check.also)]
    return bool(makers) and not any(ruleset.enabled(maker) for maker in makers)


def digest_of(finding: Finding) -> str:
    """What makes two findings the same (疑点指纹): code, quotes and computed values; the sentence where nothing is quoted.

    Two relations in one sentence are two findings: dismissing one leaves the other.
    """
    said = finding.message if not finding.places else ""
    text = json.dumps([fingerprint(finding), sorted(finding.computed.items()), said], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def keep(
    db: Session, cycle: Cycle, department: Department, reading: Reading, found: Sequence[Finding]
) -> list[Finding]:
    """Store what was found in a reading (保存疑点) and return what of it still stands.

    Findings of checks that the rule set switches off are not stored; those dismissed before for the same text are stored
    as dismissed. Numbered after what the reading holds already; the same finding is stored once.
    """
    ruleset = rules.load(cycle.ruleset_id)
    version = db.get_one(SubmissionVersion, reading.version_id)
    submission = db.get_one(Submission, version.submission_id)
    stored = _of_reading(db, reading.id)
    held = {row.digest for row in stored if row.replaced_at is None}
    number = max((row.number for row in stored), default=0)
    dismissed = _dismissed(db, cycle, submission)
    made: list[FindingRecord] = []
    off: set[str] = set()
    for finding in found:
        if switched_off(ruleset, finding.code):
            off.add(finding.code)
            continue
        digest = digest_of(finding)
        if digest in held:
            continue
        held.add(digest)
        number += 1
        before = dismissed.get(digest)
        row = FindingRecord(
            reading_id=reading.id,
            number=number,
            code=finding.code,
            severity=finding.severity,
            message=finding.message,
            places=[place.model_dump(mode="json", exclude_none=True) for place in finding.places],
            computed=finding.computed,
            digest=digest,
            dismissed_by=before.dismissed_by if before else None,
            dismissed_because=before.dismissed_because if before else None,
        )
        db.add(row)
        made.append(row)
    if made or off:
        new = {"stored": len(made), "dismissed_before": sum(r.dismissed_by is not None for r in made)}
        subject = f"{cycle.fiscal_year}/{department.code}/{version.number}"
        store.record(db, WHO, "findings.stored", subject, None, new | {"switched_off": sorted(off)})
    return [finding_of(row) for row in made if row.dismissed_by is None]


def renew(
    db: Session, reading: Reading, codes: Collection[str], found: Iterable[Finding], because: str
) -> tuple[list[int], list[int]]:
    """Replace what is no longer found (疑点更新), among these codes; returns the numbers replaced and those found again.

    Nothing is deleted: a replaced finding stays on record with moment and reason. What is new is for ``keep`` to add.
    """
    wanted = {(digest_of(one), one.severity) for one in found}
    gone: list[int] = []
    back: list[int] = []
    for row in _of_reading(db, reading.id):
        holds = (row.digest, row.severity) in wanted
        if row.code not in codes or holds is (row.replaced_at is None):
            continue
        row.replaced_at = None if holds else clock.now()
        row.replaced_because = None if holds else because
        db.add(row)
        (back if holds else gone).append(row.number)
    db.flush()
    return gone, back


def upheld(db: Session, cycle: Cycle, submission: Submission, found: Iterable[Finding]) -> tuple[Finding, ...]:
    """What a department may be told of what was found (可告知部门的疑点): neither switched off nor dismissed for the same text."""
    ruleset = rules.load(cycle.ruleset_id)
    dismissed = _dismissed(db, cycle, submission)
    return tuple(
        finding for finding in found if not switched_off(ruleset, finding.code) and digest_of(finding) not in dismissed
    )


def _of_reading(db: Session, reading_id: int) -> Sequence[FindingRecord]:
    chosen = select(FindingRecord).where(FindingRecord.reading_id == reading_id)
    return db.exec(chosen.order_by(col(FindingRecord.number))).all()


def _of_year(cycle: Cycle) -> SelectOfScalar[FindingRecord]:
    return (
        select(FindingRecord)
        .join(Reading, col(Reading.id) == col(FindingRecord.reading_id))
        .join(SubmissionVersion, col(SubmissionVersion.id) == col(Reading.version_id))
        .join(Submission, col(Submission.id) == col(SubmissionVersion.submission_id))
        .where(Submission.cycle_id == cycle.id)
        .order_by(col(FindingRecord.id))
    )


def _alike(db: Session, cycle: Cycle, submission: Submission, code: str, digest: str) -> Sequence[FindingRecord]:
    """The same finding in every reading of the submission; of all submissions of the year where it compares several."""
    chosen = _of_year(cycle).where(FindingRecord.digest == digest)
    if code not in TITLES_ACROSS:
        chosen = chosen.where(Submission.id == submission.id)
    return db.exec(chosen).all()


def _dismissed(db: Session, cycle: Cycle, submission: Submission) -> dict[str, FindingRecord]:
    """What is dismissed for this submission (已排除的疑点), the first dismissal of each, by digest."""
    reaches = or_(col(Submission.id) == submission.id, col(FindingRecord.code).in_(sorted(TITLES_ACROSS)))
    chosen = _of_year(cycle).where(col(FindingRecord.dismissed_by).is_not(None), reaches)
    return {row.digest: row for row in reversed(db.exec(chosen).all())}


def finding_of(row: FindingRecord) -> Finding:
    """A stored finding as a value (疑点)."""
    places = tuple(
        FindingPlace(quote=place["quote"], source=Source.model_validate(place["source"])) for place in row.places
    )
    return Finding(code=row.code, severity=row.severity, message=row.message, places=places, computed=row.computed)


def records(db: Session, submission: Submission) -> Sequence[FindingRecord]:
    """The findings of the reading that counts (当前疑点): of the accepted version, else of the newest that was read.

    Those that a correction has made void stay on record and are left out.
    """
    versions = [v.id for v in reversed(lookup.versions(db, submission))]
    for version_id in [submission.accepted_version_id] if submission.accepted_version_id else versions:
        reading = lookup.latest_reading(db, version_id)
        if reading is not None:
            return [row for row in _of_reading(db, reading.id) if row.replaced_at is None]
    return ()


def standing(db: Session, submission: Submission) -> list[Finding]:
    """The findings that still stand (仍然成立的疑点): not dismissed, and of checks that the rule set has switched on."""
    ruleset = rules.load(db.get_one(Cycle, submission.cycle_id).ruleset_id)
    rows = records(db, submission)
    return [finding_of(r) for r in rows if r.dismissed_by is None and not switched_off(ruleset, r.code)]


def settle(fiscal_year: int) -> int:
    """Carry dismissals and switched-off checks over to every reading that counts (疑点归并); returns how many changed.

    Repeatable. What a reading stored before its rule set or a dismissal was known is brought in line here.
    """
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        ruleset = rules.load(cycle.ruleset_id)
        changed = 0
        for submission, department in lookup.submissions(db, cycle):
            codes = set()
            dismissed = _dismissed(db, cycle, submission)
            for row in records(db, submission):
                if row.dismissed_by is not None:
                    continue
                before = dismissed.get(row.digest)
                if before is not None:
                    row.dismissed_by, row.dismissed_because = before.dismissed_by, before.dismissed_because
                elif switched_off(ruleset, row.code):
                    row.dismissed_by = RULESET
                    row.dismissed_because = f"评价规则“{ruleset.title}”停用了“{title_of(row.code)}”的核对。"
                else:
                    continue
                db.add(row)
                codes.add(row.code)
                changed += 1
            if codes:
                new = {"codes": sorted(codes)}
                store.record(db, WHO, "findings.settled", f"{fiscal_year}/{department.code}", None, new)
        return changed


def dismiss(fiscal_year: int, code: str, finding: int, reason: str, who: str, *, withdrawn: bool = False) -> str:
    """Dismiss a finding (排除疑点) by its number in the findings workbook; the same again changes nothing.

    ``withdrawn``: the dismissal is taken back, and the finding stands again. Returns the finding's sentence. Raises
    DismissalError when the department has no such finding or name or reason are missing.
    """
    reason, who = reason.strip(), who.strip()
    if not reason or not who:
        raise DismissalError("排除疑点必须填写经办人和理由。")
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        submission, department = lookup.submission_of(db, cycle, code)
        row = db.get(FindingRecord, finding)
        if row is None or _submission_id(db, row) != submission.id:
            raise DismissalError(
                f"{department.name}没有编号为{finding}的疑点，请核对部门代码，以及疑点清单中的“疑点编号”。"
            )
        if row.replaced_at is not None:
            raise DismissalError(f"编号为{finding}的疑点：{row.replaced_because}无需排除，请按最新的疑点清单办理。")
        if row.dismissed_by == RULESET:
            raise DismissalError(f"编号为{finding}的疑点已由评价规则停用，无需排除，也不能恢复。")
        by, because = (None, None) if withdrawn else (who, reason)
        changed = [
            alike
            for alike in _alike(db, cycle, submission, row.code, row.digest)
            if (alike.dismissed_by, alike.dismissed_because) != (by, because)
        ]
        if changed:
            old = {"dismissed_by": row.dismissed_by, "because": row.dismissed_because}
            for alike in changed:
                alike.dismissed_by, alike.dismissed_because = by, because
                db.add(alike)
            new = {
                "finding": finding,
                "code": row.code,
                "digest": row.digest,
                "reason": reason,
                "readings": len(changed),
            }
            what = "finding.reinstated" if withdrawn else "finding.dismissed"
            store.record(db, who, what, f"{fiscal_year}/{code}/{finding}", old, new)
        return row.message


def _submission_id(db: Session, row: FindingRecord) -> int:
    reading = db.get_one(Reading, row.reading_id)
    return db.get_one(SubmissionVersion, reading.version_id).submission_id


def write_workbook(fiscal_year: int) -> dict[str, Any]:
    """Write the year's findings for staff (疑点清单) to ``documents``; returns how many stand, by severity, and the file."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        rows = [
            workbook_row(department, row)
            for submission, department in lookup.submissions(db, cycle)
            for row in records(db, submission)
        ]
        content = write_findings_workbook(rows, fiscal_year=fiscal_year, bureau=cycle.bureau)
    target = settings.current().folder("documents") / f"疑点清单-{fiscal_year}.xlsx"
    temporary = target.with_suffix(".part")
    temporary.write_bytes(content)
    temporary.replace(target)
    return {"file": target.name, "counts": _counts(rows), "dismissed": sum(r.dismissed_by is not None for r in rows)}


def workbook_row(department: Department, row: FindingRecord) -> FindingRow:
    """A stored finding as the workbook shows it (疑点清单的一行)."""
    return FindingRow(
        id=row.id,
        code=department.code,
        department=department.name,
        finding=finding_of(row),
        dismissed_by=row.dismissed_by,
        dismissed_because=row.dismissed_because,
    )


def _counts(rows: Iterable[FindingRow]) -> dict[Severity, int]:
    counts = dict.fromkeys(Severity, 0)
    for row in rows:
        if row.dismissed_by is None:
            counts[row.finding.severity] += 1
    return counts
