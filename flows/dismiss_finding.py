"""排除疑点: a person sets a finding aside, by name and with a reason; it is not raised again for the same text."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting
from flows.desk import flow
from flows.forms import DismissalForm
from tasks.stages import findings


@flow(name="排除疑点", flow_run_name="{form.fiscal_year}年度-排除疑点-{form.department}-{form.finding}")
def dismiss_finding(form: DismissalForm) -> State[Any]:
    """Dismiss a finding (排除疑点), or take a dismissal back; the findings workbook follows."""
    message = findings.dismiss(
        form.fiscal_year, form.department, form.finding, form.reason, form.operator, withdrawn=form.withdrawn
    )
    written = findings.write_workbook(form.fiscal_year)
    done = "已恢复" if form.withdrawn else "已排除"
    return reporting.done(f"{done}编号为{form.finding}的疑点：{message}清单见{written['file']}。")
