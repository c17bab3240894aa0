"""Comparing departments and years (跨部门、跨年度核对): once all material is in, before the first score."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlmodel import Session, col, select

from models.checks import Submission as Compared
from models.checks import SubmissionFinding, compare_submissions
from models.checks.across import TITLES_ACROSS
from models.document import Document, Paragraph, Table
from models.facts import ReportFacts
from models.records import (
    AuditEvent,
    Cycle,
    Department,
    Reading,
    ReceivedFile,
    Submission,
    SubmissionVersion,
)
from models.states import SubmissionState
from tasks import filestore, lookup, store
from tasks.reading import read_file
from tasks.stages import effective, findings, rechecking
from tasks.stages.scoring import digest

WHO = "系统"
DONE = "findings.compared"


@dataclass(frozen=True)
class Report:
    """One department's accepted material of one year (一份已接收材料); ``files`` are name and sha256."""

    reading_id: int
    department: str
    facts: ReportFacts
    files: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        """The key under which it is compared (核对编号)."""
        return str(self.reading_id)


def compare_all(fiscal_year: int) -> int:
    """Compare all accepted material with each other and with last year's (跨部门、跨年度核对); returns what is new.

    The same readings are compared once. The documents are read again, for their running text, outside any transaction;
    one that cannot be read any more is compared by its facts alone, and named on the audit trail.
    """
    rechecking.catch_up(fiscal_year)
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        own = list(accepted(db, cycle))
        if not own:
            return 0
        earlier = db.exec(select(Cycle).where(Cycle.fiscal_year == fiscal_year - 1)).first()
        last_year = list(accepted(db, earlier)) if earlier else []
        inputs = digest([[report.key, report.facts.model_dump(mode="json")] for report in (*own, *last_year)])
        if _compared(db, fiscal_year) == inputs:
            return 0
    texts = _texts(own)
    unread = [report.department for report, text in zip(own, texts, strict=True) if text is None]
    compared = [
        Compared(report.key, report.department, report.facts, text or _joined(report, ()))
        for report, text in zip(own, texts, strict=True)
    ]
    compared += [Compared(report.key, report.department, report.facts, _joined(report, ())) for report in last_year]
    return _keep(fiscal_year, [report.key for report in own], compare_submissions(compared), inputs, unread)


def accepted(db: Session, cycle: Cycle) -> Iterator[Report]:
    """The material a year's departments were accepted with (已接收材料), by department code."""
    for submission, department in lookup.submissions(db, cycle):
        if submission.state is not SubmissionState.ACCEPTED or submission.accepted_version_id is None:
            continue
        version = db.get_one(SubmissionVersion, submission.accepted_version_id)
        reading, now = lookup.latest_reading(db, version.id), effective.of_version(db, submission, version)
        if reading is None or now is None:
            continue
        facts = now.facts
        # Accepted for this year: a report that does not print its year still is one of this year.
        facts = facts.model_copy(update={"fiscal_year": facts.fiscal_year or str(cycle.fiscal_year)})
        files = [db.get_one(ReceivedFile, file_id) for file_id in version.files]
        yield Report(reading.id, department.name, facts, tuple((file.name, file.sha256) for file in files))


def _texts(reports: Sequence[Report]) -> list[Document | None]:
    """Each department's documents as one (材料全文), with all cores; None where none of them can be read any more."""
    with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="comparing") as threads:
        return list(threads.map(_text, reports))


def _text(report: Report) -> Document | None:
    documents: list[Document] = []
    for name, sha256 in report.files:
        try:
            path = filestore.path_of(sha256)
        except filestore.LostError:
            continue
        documents += read_file(path, name=name).documents
    blocks = tuple(block for document in documents for block in document.blocks)
    return _joined(report, blocks) if documents else None


def _joined(report: Report, blocks: tuple[Paragraph | Table, ...]) -> Document:
    return Document(file=report.facts.file, blocks=blocks)


def _compared(db: Session, fiscal_year: int) -> str | None:
    """What was compared last (上次核对的内容), by its digest."""
    chosen = select(AuditEvent).where(AuditEvent.what == DONE, AuditEvent.subject == str(fiscal_year))
    event = db.exec(chosen.order_by(col(AuditEvent.number).desc())).first()
    return event.new["inputs"] if event is not None and event.new else None


def _keep(
    fiscal_year: int, own: Sequence[str], found: Sequence[SubmissionFinding], inputs: str, unread: list[str]
) -> int:
    """Add to each reading of this year what concerns it (保存跨部门疑点). Across years that is the later report alone."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        made = 0
        for key in own:
            reading = db.get_one(Reading, int(key))
            version = db.get_one(SubmissionVersion, reading.version_id)
            submission = db.get_one(Submission, version.submission_id)
            department = db.get_one(Department, submission.department_id)
            concerning = [one.finding for one in found if key in one.ids]
            if not unread:
                # A correction may have taken away what two reports had in common.
                findings.renew(db, reading, set(TITLES_ACROSS), concerning, "各部门材料重新比对，此项不再成立。")
            made += len(findings.keep(db, cycle, department, reading, concerning))
        new = {"inputs": inputs, "reports": len(own), "found": made, "unread": unread}
        store.record(db, WHO, DONE, str(fiscal_year), None, new)
        return made
