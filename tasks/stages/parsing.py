"""Reading and checking a version (审读材料): facts and findings are stored, then it is accepted or returned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from models import rules
from models.acceptance import Acceptance, decide
from models.corrections import apply_corrections
from models.differences import differences
from models.facts import ReadError, ReportFacts, Severity
from models.records import (
    Cycle,
    Department,
    Reading,
    Receipt,
    ReceivedFile,
    Submission,
    SubmissionVersion,
)
from models.states import CycleState, LetterKind, Stage, SubmissionState
from tasks import clock, filestore, lookup, settings, store
from tasks.mail import compose
from tasks.read_report import merged, read_report
from tasks.stages import approval_check, corrections, effective, findings, moves, overview, telling
from tasks.stages.effective import Effective
from tasks.stages.sharing import Part
from tasks.writing.reading_sheet import unsettled

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


def departments_to_read(fiscal_year: int) -> list[Part]:
    """Departments with versions that wait to be read (有待审读材料的部门), the oldest version first."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        found = dict.fromkeys(version.submission_id for version in overview.unread_versions(db, cycle))
        owed = {s.id: d.name for s, d in lookup.submissions(db, cycle)}
        return [Part(submission_id, owed[submission_id]) for submission_id in found]


def unread_of(submission_id: int) -> list[int]:
    """A department's versions that nobody has read yet (一个部门的待审读版本), oldest first."""
    with store.session() as db:
        own = select(SubmissionVersion.id).where(SubmissionVersion.submission_id == submission_id)
        unread = own.where(~col(SubmissionVersion.id).in_(select(Reading.version_id)))
        return list(db.exec(unread.order_by(col(SubmissionVersion.number))))


@dataclass(frozen=True)
class Sheet:
    """The review sheet of a new reading (审读表): where it lies, and how much of it waits for a person."""

    path: Path
    unsettled: int


def read_version(files: Sequence[ReceivedFile]) -> ReadVersion:
    """Read a version's files (读取一个版本的文件), each in a child process, and put together what they say."""
    facts: list[ReportFacts] = []
    errors: list[tuple[str, ReadError]] = []
    for file in files:
        outcome = read_report(filestore.path_of(file.sha256), name=file.name, ocr=settings.current().ocr)
        if outcome.error is not None:
            errors.append((file.name, outcome.error))
        if outcome.facts is not None:
            facts.append(outcome.facts)
    if len(facts) > 1:
        facts = [merged(facts[0].file, facts)]
    return ReadVersion(facts[0] if facts else None, tuple(errors))


def parse_one(version_id: int) -> dict[str, Any]:
    """Read one version, store what it says and decide on it (审读一个版本); a version is decided on once.

    The reading is stored as it was read; what people corrected earlier counts in the decision and the letter where the
    source still says the same. Returns a row for the flow's table.
    """
    with store.session() as db:
        files = _files(db, version_id)
    read = read_version(files)
    counts, sheet = _with_corrections(version_id, read)
    with store.session() as db:
        version = db.get_one(SubmissionVersion, version_id)
        # Whoever else reads this department's material, or enters another version of it, waits here.
        submission = db.get_one(Submission, version.submission_id, with_for_update=True)
        department = db.get_one(Department, submission.department_id)
        cycle = db.get_one(Cycle, submission.cycle_id)
        # Another version of the reader reads anew; the same one has said what it can say.
        if _reading_by(db, version_id, READER) is None:
            _store(db, cycle, version, department, read)
        if counts is not None:
            told = findings.upheld(db, cycle, submission, counts.findings)
            approval_check.settle(db, cycle, department, submission, version)
            told = (*told, *approval_check.standing(db, version))
            counts = counts.model_copy(update={"findings": told})
        acceptance = decide(
            counts,
            telling.for_department(read.errors),
            names=(department.name, *department.short_names),
            fiscal_year=cycle.fiscal_year,
            policy=rules.load(cycle.ruleset_id).acceptance,
        )
        if version.number == max(v.number for v in lookup.versions(db, submission)):
            _conclude(db, cycle, department, submission, version, acceptance)
        _tell(db, cycle, department, version, files, counts, acceptance)
        return _row(department, version, counts, acceptance, sheet)


def _with_corrections(version_id: int, read: ReadVersion) -> tuple[ReportFacts | None, Sheet | None]:
    """What counts of a new reading, and its review sheet, written before the reading is stored so that none is missing."""
    if read.facts is None:
        return None, None
    with store.session() as db:
        version = db.get_one(SubmissionVersion, version_id)
        submission = db.get_one(Submission, version.submission_id)
        known = effective.corrections_of(db, submission.id)
        facts, again = apply_corrections(read.facts, known, material=version.digest)
        now = Effective(version, read.facts, facts, tuple(again), known)
        cycle = db.get_one(Cycle, submission.cycle_id)
        view = corrections.sheet_view(db, cycle, db.get_one(Department, submission.department_id), now)
    return facts, Sheet(corrections.file_sheet(view), sum(1 for _ in unsettled(view)))


def with_sheet_here(fiscal_year: int, row: dict[str, Any]) -> dict[str, Any]:
    """A row of the table with its review sheet on this machine (本机审读表): who helped may have written it elsewhere."""
    if row["审读表"] is None or Path(row["审读表"]).is_file():
        return row
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        submission, department = lookup.submission_of(db, cycle, row["代码"])
        version = next(v for v in lookup.versions(db, submission) if v.number == row["版本"])
        now = effective.of_version(db, submission, version)
        if now is None:
            return row
        view = corrections.sheet_view(db, cycle, department, now)
    return row | {"审读表": str(corrections.file_sheet(view))}


def _reading_by(db: Session, version_id: int, reader: str) -> Reading | None:
    return db.exec(select(Reading).where(Reading.version_id == version_id, Reading.reader == reader)).first()


def _files(db: Session, version_id: int) -> list[ReceivedFile]:
    version = db.get_one(SubmissionVersion, version_id)
    return [db.get_one(ReceivedFile, file_id) for file_id in version.files]


def _store(db: Session, cycle: Cycle, version: SubmissionVersion, department: Department, read: ReadVersion) -> None:
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
    found = read.facts.findings if read.facts else ()
    findings.keep(db, cycle, department, reading, found)
    new = {"version": version.number, "findings": len(found), "errors": [name for name, _ in read.errors]}
    store.record(db, WHO, "version.read", department.code, None, new)


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
        submission.correct_by = _correct_by(db, cycle)
        moves.move_submission(db, submission, department.code, SubmissionState.NEEDS_CORRECTION, WHO)


def _correct_by(db: Session, cycle: Cycle) -> date:
    """Until when returned material is to be corrected (改正期限): some days, but never beyond the collection's last."""
    days = rules.load(cycle.ruleset_id).calendar.correction_days
    last = lookup.stage_dates(db, cycle)[Stage.SCORING].due_on - timedelta(days=1)
    return max(clock.today(), min(clock.today() + timedelta(days=days), last))


def _tell(
    db: Session,
    cycle: Cycle,
    department: Department,
    version: SubmissionVersion,
    files: Sequence[ReceivedFile],
    facts: ReportFacts | None,
    acceptance: Acceptance,
) -> None:
    names = tuple(file.name for file in files)
    deadline = lookup.deadline_of(db, cycle, db.get_one(Submission, version.submission_id))
    receipt = db.get_one(Receipt, version.receipt_id)
    if acceptance.accepted:
        assert facts is not None
        context: Any = telling.receipt(
            version, deadline, names, facts, acceptance, _changes(db, version, facts), receipt.reason
        )
        kind = LetterKind.RECEIPT
    else:
        context = telling.correction(version, names, facts, acceptance, _correct_by(db, cycle))
        kind = LetterKind.CORRECTION
    compose.queue(db, cycle=cycle, kind=kind, number=version.number, department=department, context=context)


def _changes(db: Session, version: SubmissionVersion, facts: ReportFacts) -> list[tuple[str, str | None, str | None]]:
    """Differences from the newest earlier version that could be read, both with their corrections."""
    submission = db.get_one(Submission, version.submission_id)
    for before in reversed([v for v in lookup.versions(db, submission) if v.number < version.number]):
        earlier = effective.of_version(db, submission, before)
        if earlier is not None:
            return [(d.item, d.before, d.after) for d in differences(earlier.facts, facts)]
    return []


def _row(
    department: Department,
    version: SubmissionVersion,
    facts: ReportFacts | None,
    acceptance: Acceptance,
    sheet: Sheet | None,
) -> dict[str, Any]:
    loud = [f for f in facts.findings if f.severity in (Severity.ERROR, Severity.QUESTION)] if facts else []
    return {
        "代码": department.code,
        "部门": department.name,
        "版本": version.number,
        "自评得分": facts.self_score if facts else None,
        "项目": len(facts.projects) if facts else 0,
        "疑点": len(loud),
        "待人工核对": sheet.unsettled if sheet else None,
        "审核结论": "接收" if acceptance.accepted else "退回修改",
        "说明": [o.text for o in (*acceptance.returned, *acceptance.remarks)],
        "审读表": str(sheet.path) if sheet else None,
    }
