"""What goes with the notice (通知附件): the numbered document, the outline of the report, each department's workbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from models.approved import ApprovedProject
from models.numbers import trimmed
from models.records import Cycle, Department, TargetVersion
from models.rules import RuleSet
from models.states import Stage
from tasks import clock, filestore, settings
from tasks.writing.annexes import OUTLINE, WORKBOOK, mark
from tasks.writing.dates import chinese_date
from tasks.writing.department_workbook import DepartmentWorkbookView, write_department_workbook
from tasks.writing.notice import NoticeView, write_notice
from tasks.writing.outline import OutlineView, write_outline
from tasks.writing.rubric import rubric_rows


def title_of(fiscal_year: int) -> str:
    """The notice's title (通知标题)."""
    return f"关于开展{fiscal_year}年度部门整体支出绩效自评和评价工作的通知"


def common_files(cycle: Cycle, ruleset: RuleSet, dates: dict[Stage, date]) -> list[tuple[str, bytes]]:
    """The notice and the outline of the report (通知与提纲), the same for every department."""
    claim = trimmed(ruleset.claimable_maximum) if ruleset.claimable_maximum is not None else ""
    unclaimed = "、".join(rule.label for rule in ruleset.rules if not rule.claimed_by_department)
    names = settings.current()
    notice = NoticeView(
        bureau=cycle.bureau,
        document_number=cycle.document_number or "",
        title=title_of(cycle.fiscal_year),
        fiscal_year=cycle.fiscal_year,
        addressees="县级各预算部门",
        submit_by=dates[Stage.SUBMIT_BY],
        mailbox=names.mail_from,
        contact=names.contact_name or cycle.office,
        phone=names.contact_phone,
        issued_on=dates[Stage.NOTICE],
        stage_dates=dates,
        max_claim=claim,
        unclaimed_line=unclaimed,
        basis=(ruleset.citation.spoken(),),
    )
    outline = OutlineView(
        bureau=cycle.bureau, fiscal_year=cycle.fiscal_year, rubric=tuple(rubric_rows(ruleset)), max_claim=claim
    )
    return [
        (f"{cycle.fiscal_year}年度绩效评价工作通知.docx", write_notice(notice)),
        (f"附件1至3-{OUTLINE}和自评表.docx", write_outline(outline)),
    ]


def workbook(
    cycle: Cycle,
    ruleset: RuleSet,
    department: Department,
    submit_by: date,
    number: int,
    projects: Sequence[ApprovedProject],
    version: TargetVersion | None,
) -> tuple[str, bytes]:
    """A department's own workbook (绩效自评工作簿) with its file name, filled from a version of the approved targets.

    ``number`` is that of the notice; ``version`` is None where no targets were imported.
    """
    imported = clock.local_date(version.imported_at) if version is not None else None
    content = write_department_workbook(
        DepartmentWorkbookView(
            fiscal_year=cycle.fiscal_year,
            code=department.code,
            department=department.name,
            bureau=cycle.bureau,
            version=number,
            max_claim=ruleset.claimable_maximum,
            rubric=tuple(rubric_rows(ruleset)),
            projects=tuple(projects),
            approval=f"第{version.number}版，{chinese_date(imported)}导入" if version and imported else "",
            submit_by=chinese_date(submit_by),
            mailbox=settings.current().mail_from,
        )
    )
    return f"{mark(WORKBOOK)}-绩效自评工作簿-{department.code}-{department.name}.xlsx", content


def keep_copies(files: list[tuple[str, bytes]], subfolder: str = "") -> None:
    """Lay files out in documents/ (留存附件) so that staff can open them before they approve."""
    folder = settings.current().folder("documents") / subfolder
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files:
        filestore.keep(content)
        (folder / name.replace("/", "／")).write_bytes(content)
