"""Reading and checking a version (审读材料): facts and findings are stored, then it is accepted or returned."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version as package_version
from typing import Any

from sqlmodel import Session, col, select

from models import rules
from models.acceptance import Acceptance, AcceptancePolicy, decide
from models.differences import differences
from models.facts import Finding, ReadError, ReportFacts, Severity
from models.records import (
    Cycle,
    Department,
    FindingRecord,
    Reading,
    Receipt,
    ReceivedFile,
    Submission,
    SubmissionVersion,
)
from models.states import CycleState, LetterKind, SubmissionState
from tasks import clock, filestore, lookup, store
from tasks.mail import compose
from tasks.read_report import merged, read_report
from tasks.stages import moves, overview, telling

WHO = "系统"
READER = f"jixiao {package_version('jixiao')}"
# Scoring closes the intake; versions read earlier or just in time still count.
OPEN_STATES = (CycleState.COLLECTING,)


@dataclass(frozen=True)
class ReadVersion:
    """What the files of a version say together (一个版本的读取结果)."""

    facts: ReportFacts | None
    errors: tuple[tuple[str, ReadError], ...]


def to_read(fiscal_year: int) -> list[tuple[int, str]]:
    """Versions that wait to be read (待审读版本): id and department name, oldest first."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        found = []
        for version in overview.unread_versions(db, cycle):
            submission = db.get_one(Submission, version.submission_id)
            found.append((version.id, db.get_one(Department, submission.department_id).name))
        return found


def read_version(files: Sequence[ReceivedFile]) -> ReadVersion:
    """Read a version's files (读取一个版本的文件), each in a child process, and put together what they say."""
    facts: list[ReportFacts] = []
    errors: list[tuple[str, ReadError]] = []
    for file in files:
        outcome = read_report(filestore.path_of(file.sha256), name=file.name)
        if outcome.error is not None:
            errors.append((file.name, outcome.error))
        if outcome.facts is not None:
            facts.append(outcome.facts)
    if len(facts) > 1:
        facts = [merged(facts[0].file, facts)]
    return ReadVersion(facts[0] if facts else None, tuple(errors))


def parse_one(version_id: int) -> dict[str, Any]:
    """Read one version, store what it says and decide on it (审读一个版本); a version is decided on once.

    Returns a row for the flow's table.
    """
    with store.session() as db:
        files = _files(db, version_id)
    read = read_version(files)
    with store.session() as db:
        version = db.get_one(SubmissionVersion, version_id)
        submission = db.get_one(Submission, version.submission_id)
        department = db.get_one(Department, submission.department_id)
        cycle = db.get_one(Cycle, submission.cycle_id)
        if lookup.latest_reading(db, version_id) is None:
            _store(db, version, department, read)
        acceptance = decide(
            read.facts,
            read.errors,
            names=(department.name, *department.short_names),
            fiscal_year=cycle.fiscal_year,
            policy=AcceptancePolicy(),
        )
        if version.number == max(v.number for v in lookup.versions(db, submission)):
            _conclude(db, cycle, department, submission, version, acceptance)
        _tell(db, cycle, department, version, files, read, acceptance)
        return _row(department, version, read, acceptance)


def _files(db: Session, version_id: int) -> list[ReceivedFile]:
    version = db.get_one(SubmissionVersion, version_id)
    return [db.get_one(ReceivedFile, file_id) for file_id in version.files]


def _store(db: Session, version: SubmissionVersion, department: Department, read: ReadVersion) -> None:
    reading = Reading(
        version_id=version.id,
        reader=READER,
        facts=read.facts.model_dump(mode="json") if read.facts else None,
        error_code=read.errors[0][1].code if read.errors else None,
        error_message="；".join(f"{name}：{error.message}" for name, error in read.errors) or None,
        read_at=clock.now(),
    )
    db.add(reading)
    db.flush()
    findings = read.facts.findings if read.facts else ()
    for number, finding in enumerate(findings, start=1):
        db.add(_finding(reading.id, number, finding))
    new = {"version": version.number, "findings": len(findings), "errors": [name for name, _ in read.errors]}
    store.record(db, WHO, "version.read", department.code, None, new)


def _finding(reading_id: int, number: int, finding: Finding) -> FindingRecord:
    quotes = "|".join([finding.code, *(place.quote for place in finding.places)])
    return FindingRecord(
        reading_id=reading_id,
        number=number,
        code=finding.code,
        severity=finding.severity,
        message=finding.message,
        places=[place.model_dump(mode="json", exclude_none=True) for place in finding.places],
        computed=finding.computed,
        digest=hashlib.sha256(quotes.encode()).hexdigest(),
    )


def _conclude(
    db: Session,
    cycle: Cycle,
    department: Department,
    submission: Submission,
    version: SubmissionVersion,
    acceptance: Acceptance,
) -> None:
    if cycle.state not in OPEN_STATES or submission.state not in (
        SubmissionState.RECEIVED,
        SubmissionState.RESUBMITTED,
    ):
        return
    if acceptance.accepted:
        submission.accepted_version_id = version.id
        moves.move_submission(db, submission, department.code, SubmissionState.ACCEPTED, WHO)
    else:
        moves.move_submission(db, submission, department.code, SubmissionState.NEEDS_CORRECTION, WHO)


def _tell(
    db: Session,
    cycle: Cycle,
    department: Department,
    version: SubmissionVersion,
    files: Sequence[ReceivedFile],
    read: ReadVersion,
    acceptance: Acceptance,
) -> None:
    names = tuple(file.name for file in files)
    deadline = lookup.deadline_of(db, cycle, db.get_one(Submission, version.submission_id))
    receipt = db.get_one(Receipt, version.receipt_id)
    if acceptance.accepted:
        assert read.facts is not None
        context: Any = telling.receipt(
            version, deadline, names, read.facts, acceptance, _changes(db, version, read.facts), receipt.reason
        )
        kind = LetterKind.RECEIPT
    else:
        days = rules.load(cycle.ruleset_id).calendar.correction_days
        correct_by = clock.today() + timedelta(days=days)
        context = telling.correction(version, names, read.facts, acceptance, correct_by)
        kind = LetterKind.CORRECTION
    compose.queue(db, cycle=cycle, kind=kind, number=version.number, department=department, context=context)


def _changes(db: Session, version: SubmissionVersion, facts: ReportFacts) -> list[tuple[str, str | None, str | None]]:
    """Differences from the newest earlier version that could be read."""
    earlier = db.exec(
        select(SubmissionVersion)
        .where(SubmissionVersion.submission_id == version.submission_id, SubmissionVersion.number < version.number)
        .order_by(col(SubmissionVersion.number))
    ).all()
    for before in reversed(earlier):
        reading = lookup.latest_reading(db, before.id)
        if reading is not None and reading.facts is not None:
            old = ReportFacts.model_validate(reading.facts)
            return [(d.item, d.before, d.after) for d in differences(old, facts)]
    return []


def _row(
    department: Department, version: SubmissionVersion, read: ReadVersion, acceptance: Acceptance
) -> dict[str, Any]:
    facts = read.facts
    loud = [f for f in facts.findings if f.severity in (Severity.ERROR, Severity.QUESTION)] if facts else []
    return {
        "代码": department.code,
        "部门": department.name,
        "版本": version.number,
        "自评得分": facts.self_score if facts else None,
        "项目": len(facts.projects) if facts else 0,
        "疑点": len(loud),
        "审核结论": "接收" if acceptance.accepted else "退回修改",
        "说明": [o.text for o in (*acceptance.returned, *acceptance.remarks)],
    }
