"""From a file to facts with findings (读取报告): reading, interpreting and checking, as flow and command line share them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from models.checks import examine
from models.document import Document, FileIdentity, Frozen, Source
from models.facts import Read, ReadError, ReportFacts, ReportKind, ReportPart
from tasks.interpreting import interpret
from tasks.reading import DEFAULT_LIMITS, Reading, ReadLimits, read_file, read_files

Row = TypeVar("Row", bound=Read)

# The parts of ReportFacts that are simply put one after another when the files of an archive become one answer.
_ROWS = ("money", "expenditure_by_function", "projects", "indicators", "rubric", "problems", "measures")


class ReadOutcome(Frozen):
    """What one file says, or why it could not be read (读取结论): exactly one of ``facts`` and ``error`` is set."""

    file: FileIdentity
    facts: ReportFacts | None = None
    error: ReadError | None = None
    documents: tuple[Document, ...] = ()


def read_report(
    path: Path, *, name: str | None = None, ocr: bool = False, limits: ReadLimits = DEFAULT_LIMITS
) -> ReadOutcome:
    """Read one file to facts (读取一份报送文件).

    ``name`` is the name the department gave the file; ``ocr`` allows recognising scanned pages. Never raises for what
    is in the file. The files of an archive become one ReportFacts whose reports are numbered through.
    """
    return _outcome(read_file(path, name=name, ocr=ocr, limits=limits, understand=True))


def read_reports(
    paths: Iterable[Path], *, ocr: bool = False, limits: ReadLimits = DEFAULT_LIMITS
) -> Iterator[ReadOutcome]:
    """Read many files (批量读取) with all cores, in their order; one bad file is one bad outcome."""
    return (_outcome(reading) for reading in read_files(paths, ocr=ocr, limits=limits, understand=True))


def facts_of(document: Document) -> ReportFacts:
    """What a document says, with findings (解读与核对). Pure; the reading child calls it for each document."""
    facts = interpret(document)
    warnings = tuple(dict.fromkeys((*document.warnings, *facts.warnings)))
    return facts.model_copy(update={"findings": examine(facts, document), "warnings": warnings})


def _outcome(reading: Reading) -> ReadOutcome:
    if reading.error is not None:
        return ReadOutcome(file=reading.identity, error=reading.error)
    unread = tuple(
        f"压缩包内的“{member.identity.name}”没有读出：{member.error.message}" for member in reading.member_errors
    )
    plain = len(reading.facts) == 1 and reading.facts[0].file == reading.identity
    facts = reading.facts[0] if plain else merged(reading.identity, list(reading.facts), unread)
    return ReadOutcome(file=reading.identity, facts=facts, documents=reading.documents)


def merged(file: FileIdentity, parts: list[ReportFacts], warnings: tuple[str, ...] = ()) -> ReportFacts:
    """Facts of several files as one answer (合并压缩包内各文件的事实).

    Reports keep their order and get new ids r1, r2, ...; department, year, score and grade are those of the file that
    holds the department's overall report, else of the first that knows them.
    """
    parts = [in_file(part, part.file.name) for part in parts]
    reports: list[ReportPart] = []
    rows: dict[str, list[Read]] = {field: [] for field in _ROWS}
    notes: list[str] = []
    for part in parts:
        ids = {report.id: f"r{len(reports) + position}" for position, report in enumerate(part.reports, 1)}
        reports += [report.model_copy(update={"id": ids[report.id]}) for report in part.reports]
        for field in _ROWS:
            rows[field] += [_renumbered(row, ids) for row in getattr(part, field)]
        if ids:
            notes.append(f"{'、'.join(ids.values())}来自“{part.file.name}”。")
        notes += [f"“{part.file.name}”：{warning}" for warning in part.warnings]
    # The file with the overall report speaks first, then the others in their order.
    ranked = sorted(parts, key=lambda part: not any(r.kind is ReportKind.DEPARTMENT for r in part.reports))
    return ReportFacts(
        file=file,
        department=next((part.department for part in ranked if part.department is not None), None),
        fiscal_year=next((part.fiscal_year for part in ranked if part.fiscal_year is not None), None),
        self_score=next((part.self_score for part in ranked if part.self_score is not None), None),
        grade=next((part.grade for part in ranked if part.grade is not None), None),
        reports=tuple(reports),
        questions=tuple(question for part in parts for question in part.questions),
        findings=tuple(finding for part in parts for finding in part.findings),
        warnings=(*notes, *warnings),
        **{field: tuple(found) for field, found in rows.items()},
    )


def in_file(value: Any, name: str) -> Any:
    """A value read from a file, with the file named in every place (出处注明文件)."""
    if isinstance(value, Source):
        return value.model_copy(update={"file": value.file or name})
    if isinstance(value, Frozen):
        changed = {field: in_file(getattr(value, field), name) for field in type(value).model_fields}
        return value.model_copy(update=changed)
    if isinstance(value, tuple):
        return tuple(in_file(item, name) for item in value)
    if isinstance(value, dict):
        return {key: in_file(item, name) for key, item in value.items()}
    return value


def _renumbered(row: Row, ids: dict[str, str]) -> Row:
    report = getattr(row, "report", None)
    return row if report is None else row.model_copy(update={"report": ids.get(report, report)})
