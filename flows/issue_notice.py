"""印发通知: prepare the notice and its letters, wait for the approval, release them, begin to collect; amend what was issued."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting, signing
from flows.desk import flow
from flows.forms import NoticeForm, YearForm
from flows.letter_forms import AmendNoticeForm, DiscardNoticeForm
from tasks.stages import notice, notice_amendment
from tasks.writing.correction import Change, CorrectionKind


@flow(name="拟办通知", flow_run_name="{form.fiscal_year}年度-拟办通知")
def prepare_notice(form: NoticeForm) -> State[Any]:
    """Write the numbered notice, the report outline and a workbook for every department, and put it to the approver.

    Nothing is sent. A department without a working address stops it; other contacts without one are named.
    """
    prepared = notice.prepare(form.fiscal_year, form.document_number, form.operator)
    _preview(form.fiscal_year, "通知发送名单", prepared)
    warned = "".join(prepared.warnings)
    return reporting.done(f"通知已拟好，共{len(prepared.rows)}封，待审批，摘要 {prepared.digest[:12]}。{warned}")


@flow(name="更正或撤回通知", flow_run_name="{form.fiscal_year}年度-{form.amendment}通知")
def amend_notice(form: AmendNoticeForm) -> State[Any]:
    """Prepare a correction or withdrawal of the issued notice (更正或撤回通知) and put it to the approver."""
    prepared = notice_amendment.prepare(
        form.fiscal_year,
        kind=CorrectionKind(form.amendment.value),
        document_number=form.document_number,
        reason=form.reason,
        changes=[Change(before=p.before, after=p.after) for p in form.passages],
        submit_by=form.submit_by,
        who=form.operator,
    )
    _preview(form.fiscal_year, f"{form.amendment.value}通知发送名单", prepared)
    return reporting.done(
        f"{form.amendment.value}通知已拟好，共{len(prepared.rows)}封，待审批，摘要 {prepared.digest[:12]}。"
    )


@flow(name="撤销待批通知", flow_run_name="{form.fiscal_year}年度-撤销待批通知")
def discard_notice(form: DiscardNoticeForm) -> State[Any]:
    """Take back what waits for approval (撤销待批通知); nothing had been sent."""
    count = notice.discard(form.fiscal_year, form.operator, form.reason)
    return reporting.done(f"已撤销待批函件{count}封，可重新拟办。")


@flow(name="印发通知", flow_run_name="{form.which}-印发通知")
@reporting.once_opened
def issue_notice(form: YearForm) -> State[Any]:
    """Release the approved notice (印发通知) and, when every letter has left, begin to collect (开始收件)."""
    released = notice.release(form.fiscal_year)
    if released is None:
        return reporting.nothing_to_do("通知尚未拟办或尚未批准。")
    return reporting.done(released)


def _preview(fiscal_year: int, title: str, prepared: notice.Prepared) -> None:
    rows = [{"序号": number, **row} for number, row in enumerate(prepared.rows, 1)]
    reporting.show_table(f"notice-{fiscal_year}", f"{fiscal_year}年度{title}", rows)
    signing.show(fiscal_year)
