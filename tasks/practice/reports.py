"""The real files that a practice department sends (演练报送材料): same arguments, same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from tasks.practice.county_model import PracticeDepartment
from tasks.practice.county_project import PracticeProject
from tasks.practice.county_story import Attempt, Files, Flaw
from tasks.practice.forms.docx_writer import docx_bytes
from tasks.practice.forms.layout import Break, Paper
from tasks.practice.forms.packing import packed_gbk
from tasks.practice.forms.pdf_writer import pdf_bytes
from tasks.practice.forms.xlsx_writer import xlsx_bytes
from tasks.practice.reports_prose import project_paper, report_paper
from tasks.practice.reports_remediation import write_remediation_reply

__all__ = ["as_sent", "write_remediation_reply", "write_submission"]

KEPT_OF_TRUNCATED = Decimal("0.6")


def write_submission(department: PracticeDepartment, fiscal_year: int, attempt: int, folder: Path) -> tuple[Path, ...]:
    """Write the file(s) of one sending (生成一次报送的文件) into ``folder`` and return their paths.

    ``attempt`` counts from 1. The bytes depend on the arguments alone. Raises ValueError where the story has no such
    attempt. A flaw of the attempt (last year's report, a file cut off) is built in.
    """
    sending = department.attempt(attempt)
    year = fiscal_year - 1 if sending.flaw is Flaw.WRONG_YEAR else fiscal_year
    files = _files(as_sent(department, sending), year, sending.files)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in files:
        path = folder / name
        path.write_bytes(_cut(content) if sending.flaw is Flaw.TRUNCATED else content)
        paths.append(path)
    return tuple(paths)


def as_sent(department: PracticeDepartment, sending: Attempt) -> PracticeDepartment:
    """The department as it presents itself in one sending (该次报送时的数据): earlier claims and values put in."""
    claims: Mapping[str, Decimal] = {**department.claims, **sending.claims}
    projects = tuple(_with_changes(project, sending) for project in department.projects)
    return department.model_copy(update={"claims": claims, "projects": projects})


def _with_changes(project: PracticeProject, sending: Attempt) -> PracticeProject:
    changes = {change.indicator: change for change in sending.actuals if change.project == project.name}
    lines = tuple(
        line.model_copy(update={"actual": changes[line.name].actual, "score": changes[line.name].score})
        if line.name in changes
        else line
        for line in project.indicators
    )
    return project.model_copy(update={"indicators": lines})


def _files(department: PracticeDepartment, year: int, kind: Files) -> list[tuple[str, bytes]]:
    report: Paper = report_paper(department, year, department.claims)
    projects: Paper = project_paper(department, year)
    title = f"{department.name}{year}年度部门整体支出绩效自评报告"
    annex = f"{department.name}{year}年度项目支出绩效自评表"
    whole: Paper = [*report, Break(), *projects]
    if kind is Files.DOCX:
        return [(f"{title}.docx", docx_bytes(whole, title, department.name))]
    if kind is Files.PDF:
        return [(f"{title}.pdf", pdf_bytes(whole, title, department.name))]
    if kind is Files.DOCX_XLSX:
        workbook = xlsx_bytes(projects, [project.name for project in department.projects], annex, department.name)
        return [(f"{title}.docx", docx_bytes(report, title, department.name)), (f"{annex}.xlsx", workbook)]
    if kind is Files.ZIP:
        members = [
            (f"{title}.docx", docx_bytes(report, title, department.name)),
            (f"{annex}.docx", docx_bytes(projects, annex, department.name)),
        ]
        return [(f"{department.name}{year}年度绩效自评材料.zip", packed_gbk(members))]
    raise ValueError(f"不认识的报送文件形式：{kind}")


def _cut(content: bytes) -> bytes:
    """A file whose end was lost on the way (截断的文件)."""
    return content[: int(len(content) * KEPT_OF_TRUNCATED)]
