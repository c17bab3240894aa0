"""Correcting a reading (更正读取结果): by a person, with name and reason, from a review sheet or value by value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session

from models.correctable import Fact, ValueKind, facts_in
from models.correction_entry import Entry, entered, misfits
from models.corrections import Correction, in_force
from models.records import CorrectionRecord, Cycle, Department, ReceivedFile, Submission, SubmissionVersion
from models.states import CycleState
from tasks import clock, filestore, lookup, settings, store
from tasks.stages import approval_check, effective
from tasks.stages.effective import Effective
from tasks.writing.reading_return import read_reading_sheet
from tasks.writing.reading_sheet import ReadingSheetView, reading_sheet_rows, write_reading_sheet

FOLDER = "审读表"
# Later a wrong number is a matter for the reviewers or an objection: people have been told the scores.
OPEN_STATES = (CycleState.COLLECTING, CycleState.SCORING)
_UNSAFE = re.compile(r'[\\/:*?"<>|\s]+')


class CorrectionError(ValueError):
    """Corrections that were refused as a whole (更正被拒绝); ``problems`` names every one, in Chinese."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        shown = "；".join(problem.rstrip("。；") for problem in self.problems[:20])
        more = f"；另有{len(self.problems) - 20}处" if len(self.problems) > 20 else ""
        super().__init__(f"更正有{len(self.problems)}处问题，未登记任何内容：{shown}{more}。请改正后重新提交。")


@dataclass(frozen=True)
class Corrected:
    """What was recorded (更正结果): a row for each correction, and where the renewed review sheet lies."""

    department: str
    rows: tuple[dict[str, Any], ...]
    sheet: Path


def record_sheet(fiscal_year: int, code: str, content: bytes, operator: str) -> Corrected:
    """Take in a filled review sheet (登记审读表), all of it or nothing. The same sheet again changes nothing.

    Raises CorrectionError naming every broken cell.
    """
    with store.session() as db:
        cycle, _, department, now = _found(db, fiscal_year, code)
        view = sheet_view(db, cycle, department, now)
    returned = read_reading_sheet(content, view)
    if returned.problems:
        raise CorrectionError(returned.problems)
    return _record(fiscal_year, code, returned.entries, operator, filestore.keep(content))


def record_one(fiscal_year: int, code: str, path: str, text: str, reason: str, who: str) -> Corrected:
    """Correct one value by its path (更正一个事实); ``text`` as it would be typed into the sheet.

    Raises CorrectionError when there is no such value, or the new one does not fit.
    """
    with store.session() as db:
        _, _, _, now = _found(db, fiscal_year, code)
    fact = _correctable(now).get(path.strip())
    if fact is None:
        raise CorrectionError([f"没有编号为“{path}”的事项，请按审读表中的事实编号填写"])
    value, withdrawn = entered(fact.kind, text)
    entry = Entry(path=fact.path, value=value, withdrawn=withdrawn, reason=reason.strip(), who=who.strip())
    return _record(fiscal_year, code, (entry,), who.strip(), None)


def sheet_view(db: Session, cycle: Cycle, department: Department, now: Effective) -> ReadingSheetView:
    """The review sheet's content for a version (审读表内容) as things stand."""
    rows, current = reading_sheet_rows(now.read, now.facts, now.again, now.corrections)
    return ReadingSheetView(
        fiscal_year=cycle.fiscal_year,
        code=department.code,
        department=department.name,
        bureau=cycle.bureau,
        version=now.version.number,
        files=tuple(db.get_one(ReceivedFile, file_id).name for file_id in now.version.files),
        rows=rows,
        current=current,
    )


def file_sheet(view: ReadingSheetView) -> Path:
    """Write a review sheet into the documents folder (生成审读表), complete or not at all; returns its path."""
    folder = settings.current().folder("documents") / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{view.fiscal_year}-{view.code}-{view.department}-第{view.version}版.xlsx"
    target = folder / _UNSAFE.sub("_", name)
    temporary = target.with_name(f".{target.name}.part")
    temporary.write_bytes(write_reading_sheet(view))
    temporary.replace(target)
    return target


def _found(db: Session, fiscal_year: int, code: str) -> tuple[Cycle, Submission, Department, Effective]:
    cycle = lookup.cycle_of(db, fiscal_year)
    submission, department = lookup.submission_of(db, cycle, code)
    if cycle.state not in OPEN_STATES:
        raise CorrectionError(
            [f"{fiscal_year}年度现为“{cycle.state.label}”，读取结果只能在收件和评分阶段更正；请在复核或申诉程序中处理"]
        )
    now = effective.newest(db, submission)
    if now is None:
        raise CorrectionError([f"{department.name}没有读出的材料，无从更正"])
    return cycle, submission, department, now


def _correctable(now: Effective) -> dict[str, Fact]:
    """Every value that can be corrected: those of the reading, and earlier corrections that lost their place."""
    found = facts_in(now.read)
    lost = {path: c for path, c in in_force(now.corrections).items() if path not in found and not c.withdrawn}
    return found | {path: Fact(path=path, label=c.label, kind=ValueKind.TEXT, value=None) for path, c in lost.items()}


def _record(fiscal_year: int, code: str, entries: Sequence[Entry], operator: str, sheet: str | None) -> Corrected:
    with store.session() as db:
        cycle, submission, department, now = _found(db, fiscal_year, code)
        _refuse(now, entries)
        known = in_force(now.corrections)
        rows = []
        for entry in entries:
            if not _repeats(entry, known.get(entry.path), now.version):
                rows.append(_add(db, cycle, department, submission, now, entry, operator, sheet))
        if rows:
            # A target that was misread no longer differs from the approved one, or does now.
            approval_check.settle(db, cycle, department, submission, now.version)
        renewed = effective.of_version(db, submission, now.version)
        assert renewed is not None
        view = sheet_view(db, cycle, department, renewed)
    return Corrected(department.name, tuple(rows), file_sheet(view))


def _refuse(now: Effective, entries: Sequence[Entry]) -> None:
    """Refuse what does not fit the reading as it is now, although it may have fitted the sheet."""
    found, problems = _correctable(now), []
    present, effective_values = facts_in(now.read), facts_in(now.facts)
    known = in_force(now.corrections)
    for entry in entries:
        earlier = known.get(entry.path)
        if entry.path not in found:
            problems.append(f"没有编号为“{entry.path}”的事项")
        elif entry.withdrawn and earlier is None:
            problems.append(f"{found[entry.path].label}没有更正可以撤销")
        elif not entry.withdrawn and entry.path not in present:
            problems.append(f"{found[entry.path].label}在现在的材料中已不存在，只能撤销原更正")
        if not entry.reason or not entry.who:
            problems.append(f"{entry.path}：必须填写更正理由和更正人")
    values = {e.path: e.value for e in entries if not e.withdrawn and e.path in present}
    current = {path: fact.value for path, fact in (present | effective_values).items()}
    problems += [f"{present[path].label}：{problem}" for path, problem in misfits(present, values, current).items()]
    if problems:
        raise CorrectionError(problems)


def _repeats(entry: Entry, known: Correction | None, version: SubmissionVersion) -> bool:
    said = (entry.value, entry.withdrawn, entry.reason, entry.who, version.digest)
    return known is not None and said == (known.value, known.withdrawn, known.reason, known.who, known.material)


def _source_file(db: Session, now: Effective, fact: Fact) -> str:
    """The sha256 of the file that the fact stands in: the one its place names, else the one that was read."""
    files = {file.name: file.sha256 for file in (db.get_one(ReceivedFile, one) for one in now.version.files)}
    named = fact.source.file if fact.source is not None else None
    return files.get(named or now.read.file.name, now.read.file.sha256)


def _add(
    db: Session,
    cycle: Cycle,
    department: Department,
    submission: Submission,
    now: Effective,
    entry: Entry,
    operator: str,
    sheet: str | None,
) -> dict[str, Any]:
    fact = _correctable(now)[entry.path]
    records = effective.records_of(db, submission.id)
    made = CorrectionRecord(
        submission_id=submission.id,
        number=records[-1].number + 1 if records else 1,
        version_id=now.version.id,
        path=fact.path,
        label=fact.label,
        read_value=fact.value,
        source=fact.source.model_dump(mode="json", exclude_none=True) if fact.source else None,
        material=now.version.digest,
        file_sha256=_source_file(db, now, fact),
        source_digest=fact.digest,
        value=entry.value,
        withdrawn=entry.withdrawn,
        reason=entry.reason,
        corrected_by=entry.who,
        corrected_at=clock.now(),
    )
    db.add(made)
    db.flush()
    before = in_force(now.corrections).get(fact.path)
    old = {"read": fact.value, "corrected": before.value if before and not before.withdrawn else None}
    new = {"number": made.number, "value": entry.value, "withdrawn": entry.withdrawn, "reason": entry.reason}
    new |= {"version": now.version.number, "entered_by": operator, "sheet": sheet}
    subject = f"{cycle.fiscal_year}/{department.code}/{fact.path}"[:200]
    store.record(db, entry.who, "reading.corrected", subject, old, new)
    return {
        "序号": made.number,
        "事项": fact.label,
        "读取值": fact.value,
        "更正后": "撤销更正" if entry.withdrawn else "空白" if entry.value is None else entry.value,
        "理由": entry.reason,
        "更正人": entry.who,
        "出处": fact.source.spoken() if fact.source else "",
    }
