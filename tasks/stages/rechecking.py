"""After a correction (更正之后): findings made anew from the facts that count, and returned material judged again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from models import rules
from models.acceptance import Acceptance, decide
from models.checks import CHECKS, examine
from models.corrected_document import with_values
from models.corrections import Correction, apply_corrections, changed_facts, doubted
from models.document import Document
from models.facts import Finding, ReadError, ReportFacts
from models.records import (
    AuditEvent,
    Cycle,
    Department,
    Reading,
    ReceivedFile,
    Submission,
    SubmissionVersion,
)
from models.states import CycleState, LetterKind, SubmissionState
from tasks import filestore, lookup, settings, store
from tasks.mail import compose
from tasks.read_report import in_file
from tasks.reading import read_file
from tasks.stages import approval_check, effective, findings, moves, telling
from tasks.stages.scoring import digest

WHO = "系统"
DONE = "findings.rechecked"
# What the checks of one report find; comparisons of several departments are made anew when all are compared.
OWN = frozenset(code for check in CHECKS for code in (check.code, *check.also))


@dataclass(frozen=True)
class _Matter:
    """What is to be checked again (待重新核对): ``mark`` covers the reading and the corrections."""

    reading_id: int
    material: str
    files: tuple[tuple[str, str], ...]
    corrections: tuple[Correction, ...]
    mark: str


def after_correction(fiscal_year: int, code: str) -> list[str]:
    """Everything that follows from a correction (更正之后的办理); sentences for staff. Repeatable.

    The files are read again for their text, outside any transaction.
    """
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        matter = _matter(db, cycle, code)
    told = []
    if matter is not None:
        found = _found(matter)
        if found is None:
            told.append("原文件现在读不出来，疑点未重新核对。")
        else:
            with store.session() as db:
                told += _renew(db, lookup.cycle_of(db, fiscal_year), code, matter, found)
    with store.session() as db:
        told += _judge_again(db, lookup.cycle_of(db, fiscal_year), code)
    return told


def catch_up(fiscal_year: int) -> list[str]:
    """Do what a killed run left undone (补办): every department with corrections that were not followed up."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        codes = [d.code for _, d in lookup.submissions(db, cycle) if _matter(db, cycle, d.code) is not None]
    return [sentence for code in codes for sentence in after_correction(fiscal_year, code)]


def _matter(db: Session, cycle: Cycle, code: str) -> _Matter | None:
    """What is to be checked again; None without corrections, or where exactly this was done."""
    submission, department = lookup.submission_of(db, cycle, code)
    known = effective.corrections_of(db, submission.id)
    now = effective.newest(db, submission) if known else None
    reading = lookup.latest_reading(db, now.version.id) if now is not None else None
    if now is None or reading is None:
        return None
    rows = [db.get_one(ReceivedFile, file_id) for file_id in now.version.files]
    mark = digest([reading.id, [[c.number, c.path, c.value, c.withdrawn] for c in known]])
    done = select(AuditEvent).where(AuditEvent.what == DONE, AuditEvent.subject == _subject(cycle, department))
    last = db.exec(done.order_by(col(AuditEvent.number).desc())).first()
    if last is not None and last.new is not None and last.new["mark"] == mark:
        return None
    return _Matter(reading.id, now.version.digest, tuple((row.name, row.sha256) for row in rows), known, mark)


def _subject(cycle: Cycle, department: Department) -> str:
    return f"{cycle.fiscal_year}/{department.code}"


def _found(matter: _Matter) -> list[Finding] | None:
    """The findings of a version's files with the values that count (重新核对); None where none can be read any more."""
    parts: list[tuple[ReportFacts, Document]] = []
    several = len(matter.files) > 1
    for name, sha256 in matter.files:
        reading = read_file(filestore.path_of(sha256), name=name, ocr=settings.current().ocr, understand=True)
        several = several or len(reading.documents) > 1 or any(f.file != reading.identity for f in reading.facts)
        parts += zip(reading.facts, reading.documents, strict=True)
    if not parts:
        return None
    made: list[Finding] = []
    for facts, document in parts:
        made += _examined(facts, document, matter, facts.file.name if several else None)
    return made


def _examined(facts: ReportFacts, document: Document, matter: _Matter, name: str | None) -> list[Finding]:
    own = in_file(facts, name) if name else facts
    mine = [c for c in matter.corrections if c.source is None or c.source.file in (None, name)]
    changed = changed_facts(own, mine, material=matter.material)
    effective_facts, _ = apply_corrections(own, mine, material=matter.material)
    places = [(fact.source, fact.value, value) for fact, value in changed]
    told, left = with_values(document, places)
    unsure = [doubted(finding, left) for finding in examine(effective_facts, told)]
    return [in_file(finding, name) for finding in unsure] if name else unsure


def _renew(db: Session, cycle: Cycle, code: str, matter: _Matter, found: Sequence[Finding]) -> list[str]:
    """Bring the stored findings in line (更新疑点): new ones are added, those no longer found stay on record, replaced."""
    _, department = lookup.submission_of(db, cycle, code)
    reading = db.get_one(Reading, matter.reading_id)
    because = f"更正第{matter.corrections[-1].number}号之后重新核对，此项不再成立。"
    gone, back = findings.renew(db, reading, OWN, found, because)
    added = findings.keep(db, cycle, department, reading, found)
    new = {"mark": matter.mark, "replaced": gone, "restored": back, "added": len(added)}
    store.record(db, WHO, DONE, _subject(cycle, department), None, new)
    if not (gone or back or added):
        return ["疑点重新核对，没有变化。"]
    return [f"疑点重新核对：不再成立{len(gone)}处，恢复{len(back)}处，新增{len(added)}处。"]


def _judge_again(db: Session, cycle: Cycle, code: str) -> list[str]:
    """Judge returned material again by the facts that count now (重新审核), and tell the department if it is accepted."""
    submission, department = lookup.submission_of(db, cycle, code)
    policy = rules.load(cycle.ruleset_id).acceptance
    versions = lookup.versions(db, submission)
    now = effective.of_version(db, submission, versions[-1]) if versions else None
    if cycle.state is not CycleState.COLLECTING or now is None or not now.corrections:
        return []
    reading = lookup.latest_reading(db, now.version.id)
    errors: list[tuple[str, ReadError]] = []
    if reading is not None and reading.error_code is not None:
        errors = [("", ReadError(code=reading.error_code, message=reading.error_message or ""))]
    acceptance = decide(
        now.facts,
        telling.for_department(errors),
        names=(department.name, *department.short_names),
        fiscal_year=cycle.fiscal_year,
        policy=policy,
    )
    why = "；".join(objection.text.rstrip("。") for objection in acceptance.returned)
    if submission.state is SubmissionState.ACCEPTED and submission.accepted_version_id == now.version.id and why:
        return [f"按更正后的内容本应退回（{why}），材料已接收，请与部门联系。"]
    if submission.state is not SubmissionState.NEEDS_CORRECTION or not policy.rejudge_after_correction:
        return []
    if why:
        return [f"按更正后的内容仍须退回：{why}。"]
    _accept(db, cycle, department, submission, now.version, now.facts, acceptance)
    return [f"按更正后的内容重新审核，{department.name}第{now.version.number}版材料接收，已拟函告知部门。"]


def _accept(
    db: Session,
    cycle: Cycle,
    department: Department,
    submission: Submission,
    version: SubmissionVersion,
    facts: ReportFacts,
    acceptance: Acceptance,
) -> None:
    submission.accepted_version_id = version.id
    moves.move_submission(db, submission, department.code, SubmissionState.ACCEPTED, WHO)
    approval_check.settle(db, cycle, department, submission, version)
    told = facts.model_copy(update={"findings": tuple(findings.standing(db, submission))})
    names = [db.get_one(ReceivedFile, file_id).name for file_id in version.files]
    deadline = lookup.deadline_of(db, cycle, submission)
    context = telling.receipt(version, deadline, names, told, acceptance, (), None)
    compose.queue(
        db,
        cycle=cycle,
        kind=LetterKind.RECEIPT,
        number=version.number,
        department=department,
        context=context.model_copy(update={"misread": True}),
    )
