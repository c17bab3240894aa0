"""处理来件: what intake set aside is listed, released for a department or confirmed to stay out."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting
from flows.collect_submissions import collect_submissions
from flows.desk import flow
from flows.forms import YearForm
from flows.letter_forms import ReceiptDecision, ReceiptForm, ReceiptPurpose
from tasks.mail.token import Purpose
from tasks.stages import desk

PURPOSES = {
    ReceiptPurpose.MATERIAL: Purpose.MATERIAL,
    ReceiptPurpose.REVIEW: Purpose.REVIEW,
    ReceiptPurpose.RECTIFICATION: Purpose.RECTIFICATION,
    ReceiptPurpose.OBJECTION: Purpose.OBJECTION,
}


@flow(name="来件待办清单", flow_run_name="{form.fiscal_year}年度-来件待办清单")
def list_receipts(form: YearForm) -> State[Any]:
    """Show what waits for a person (来件待办清单): quarantined receipts and mails without attachments."""
    count = _show(form.fiscal_year)
    return reporting.done(f"有{count}份来件待处理。") if count else reporting.nothing_to_do("没有待处理的来件。")


@flow(name="处理来件", flow_run_name="{form.fiscal_year}年度-来件{form.receipt}")
def handle_receipt(form: ReceiptForm) -> State[Any]:
    """Release a receipt and take it in at once, or confirm that it stays out (处理来件); by name and with a reason."""
    if form.decision is ReceiptDecision.KEEP_OUT:
        sentence = desk.keep_out(form.receipt, form.operator, form.reason)
    else:
        sentence = desk.release(
            form.fiscal_year, form.receipt, form.department, PURPOSES[form.purpose], form.operator, form.reason
        )
        collected = collect_submissions(YearForm(fiscal_year=form.fiscal_year), return_state=True)
        sentence += collected.message or ""
    _show(form.fiscal_year)
    return reporting.done(sentence)


def _show(fiscal_year: int) -> int:
    rows = desk.receipts(fiscal_year)
    reporting.show_table(
        f"receipts-{fiscal_year}", f"{fiscal_year}年度来件待办清单", rows or [{"说明": "没有待处理的来件。"}]
    )
    return len(rows)
