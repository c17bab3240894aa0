"""登记复核结果: check the reviewers' workbooks cell by cell; take them in or send them back."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting
from flows.desk import flow
from flows.forms import ReviewerForm, YearForm
from tasks.stages import appointing, draw, reviews


@flow(name="登记复核结果", flow_run_name="{form.fiscal_year}年度-登记复核结果")
def record_reviews(form: YearForm) -> State[Any]:
    """Take in returned review workbooks (登记复核结果). No score may be blank, no deduction without reason and criterion."""
    released = draw.release_redraw(form.fiscal_year)
    rows = reviews.record(form.fiscal_year)
    agreed, told = reviews.agreement(form.fiscal_year)
    reporting.show_table(f"agreement-{form.fiscal_year}", f"{form.fiscal_year}年度双人复核一致性", agreed)
    if not rows and released:
        return reporting.done(f"重新抽取的名单已下达：{released}")
    if not rows:
        return reporting.nothing_to_do("没有新交回的复核工作簿。")
    reporting.show_table(f"reviews-{form.fiscal_year}", f"{form.fiscal_year}年度复核登记", rows)
    return reporting.done(f"处理复核工作簿{len(rows)}份。{told}")


@flow(name="指定复核人员", flow_run_name="{form.fiscal_year}年度-{form.department}-指定复核人员")
def appoint_reviewer(form: ReviewerForm) -> State[Any]:
    """Appoint a second reviewer, or who settles what two reviewers differ in (指定复核人员)."""
    told = appointing.appoint(form.fiscal_year, form.department, form.seat, form.reviewer, form.reason, form.operator)
    return reporting.done(told)
