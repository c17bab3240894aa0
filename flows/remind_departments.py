"""催报: remind the silent departments by the ladder of the rule set; escalate; answer those that ask for more time."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting
from flows.desk import flow
from flows.forms import ExtensionForm, YearForm
from models.states import Decision
from tasks.stages import reminders


@flow(name="催报", flow_run_name="{form.which}-催报")
@reporting.once_opened
def remind_departments(form: YearForm) -> State[Any]:
    """Write the reminders that are due (催报). A missed day is made up for; nobody gets the same reminder twice."""
    rows = reminders.remind(form.fiscal_year)
    if not rows:
        return reporting.nothing_to_do("今天没有应发的提醒。")
    reporting.show_table(f"reminders-{form.fiscal_year}", f"{form.fiscal_year}年度催报", rows)
    return reporting.done(f"拟发提醒{len(rows)}封。")


@flow(name="答复延期申请", flow_run_name="{form.fiscal_year}年度-延期-{form.department}")
def extend_deadline(form: ExtensionForm) -> State[Any]:
    """Grant or refuse a department more time (答复延期申请) and tell it."""
    sentence = reminders.answer_extension(
        form.fiscal_year,
        form.department,
        granted=form.decision is Decision.APPROVED,
        until=form.until,
        reason=form.reason,
        who=form.operator,
    )
    return reporting.done(sentence)
