"""跟踪整改: open the items, take in the departments' reports, remind, and close the year when all are settled."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting
from flows.desk import flow
from flows.edition_forms import ReportNumberForm
from flows.forms import CarryOverForm, ItemExtensionForm, NewItemForm, VerificationForm, YearForm
from models.states import Decision
from tasks.stages import closing, items, rectification, remediation_extension, replies, reports


@flow(name="跟踪整改", flow_run_name="{form.fiscal_year}年度-跟踪整改")
def track_rectification(form: YearForm) -> State[Any]:
    """Send the remediation notices, take in the reports, remind the silent, close the year at its end (跟踪整改)."""
    opened = items.open_items(form.fiscal_year)
    reported = replies.record(form.fiscal_year)
    reminded = rectification.remind(form.fiscal_year)
    closed = closing.close_if_finished(form.fiscal_year)
    _show(form.fiscal_year)
    more = "年度工作已办结，结果应用清单和整改情况报告已生成（报告未编号的，请“编整改报告文号”）。" if closed else ""
    return reporting.done(f"新建事项{opened}项，收到整改报告{reported}份，发出提醒{reminded}封。{more}")


def _show(fiscal_year: int) -> None:
    """The board, the ageing with its picture, and the workbook (整改台账、账龄)."""
    reports.write_workbook(fiscal_year)
    reporting.show_table(f"rectification-{fiscal_year}", f"{fiscal_year}年度整改台账", reports.rows(fiscal_year))
    reporting.show_table(
        f"rectification-ageing-{fiscal_year}", f"{fiscal_year}年度整改进度与账龄", reports.ageing_rows(fiscal_year)
    )
    drawn = reports.ageing_picture(fiscal_year)
    if drawn:
        reporting.show_picture(f"rectification-picture-{fiscal_year}", f"{fiscal_year}年度未销号整改事项账龄", drawn)


@flow(name="核实整改", flow_run_name="{form.fiscal_year}年度-核实整改-{form.department}")
def verify_rectification(form: VerificationForm) -> State[Any]:
    """Verify or return items (核实整改), all or none, with the officer's name and words."""
    state = rectification.verify(
        form.fiscal_year, form.department, form.items, accepted=form.accepted, remark=form.remark, who=form.operator
    )
    told = "、".join(str(item) for item in form.items)
    return reporting.done(f"{form.department}第{told}项：{state.label}。")


@flow(name="答复整改延期申请", flow_run_name="{form.fiscal_year}年度-整改延期-{form.department}")
def extend_rectification(form: ItemExtensionForm) -> State[Any]:
    """Give remediation items more time or not (答复整改延期申请), all or none, and tell the department either way."""
    sentence = remediation_extension.answer(
        form.fiscal_year,
        form.department,
        form.items,
        granted=form.decision is Decision.APPROVED,
        until=form.until,
        reason=form.reason,
        who=form.operator,
    )
    return reporting.done(sentence)


@flow(name="补充整改事项", flow_run_name="{form.fiscal_year}年度-补充整改事项-{form.department}")
def add_rectification_item(form: NewItemForm) -> State[Any]:
    """Add an item that staff found (补充整改事项) and tell the department, with a form to reply on."""
    number = items.add_item(
        form.fiscal_year, form.department, form.text, form.severity, form.evidence, form.due_on, form.operator
    )
    return reporting.done(f"{form.department}新增第{number}项整改事项，完成时限{form.due_on}。")


@flow(name="编整改报告文号", flow_run_name="{form.fiscal_year}年度-整改报告文号")
def number_report(form: ReportNumberForm) -> State[Any]:
    """Give the year-end report on remediation its number and write it (编整改报告文号), as of today."""
    path = reports.number_report(form.fiscal_year, form.document_number, form.operator)
    return reporting.done(f"年度整改情况报告已编{form.document_number}，文件：{path}。")


@flow(name="转入下一年度整改", flow_run_name="{form.fiscal_year}年度-转入下一年度-{form.department}")
def carry_over_items(form: CarryOverForm) -> State[Any]:
    """Hand items that were escalated in vain to the next year (转入下一年度整改), with the officer's name and reason."""
    items.carry_over(form.fiscal_year, form.department, form.items, form.reason, form.operator)
    return reporting.done(f"{form.department}的{len(form.items)}项整改事项转入下一年度。")
