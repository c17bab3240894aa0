"""印发通知: prepare the notice and its letters, wait for the approval, release them, begin to collect."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows import reporting
from flows.forms import NoticeForm, YearForm
from tasks.stages import notice


@flow(name="拟办通知", flow_run_name="{form.fiscal_year}年度-拟办通知")
def prepare_notice(form: NoticeForm) -> State[Any]:
    """Write the numbered notice, the report outline and a workbook for every department, and put it to the approver.

    Nothing is sent. A department without a working address stops it.
    """
    prepared = notice.prepare(form.fiscal_year, form.document_number, form.operator)
    reporting.show_table(f"notice-{form.fiscal_year}", f"{form.fiscal_year}年度通知发送名单", prepared.rows)
    return reporting.done(f"通知已拟好，共{len(prepared.rows)}封，待审批，摘要 {prepared.digest[:12]}。")


@flow(name="印发通知", flow_run_name="{form.fiscal_year}年度-印发通知")
def issue_notice(form: YearForm) -> State[Any]:
    """Release the approved notice (印发通知) and, when every letter has left, begin to collect (开始收件)."""
    released = notice.release(form.fiscal_year)
    if released is None:
        return reporting.nothing_to_do("通知尚未拟办或尚未批准。")
    return reporting.done(released)
