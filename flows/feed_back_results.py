"""反馈评价结果: settle every score and tell each department its own, with the reasons and until when it may object."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting
from flows.desk import flow
from flows.forms import YearForm
from tasks.stages import estimating, feedback


@flow(name="反馈评价结果", flow_run_name="{form.fiscal_year}年度-反馈评价结果")
def feed_back_results(form: YearForm) -> State[Any]:
    """Settle and feed back (反馈评价结果). Waits while a review is missing or a line needs a person."""
    told = feedback.feed_back(form.fiscal_year)
    if told.waits_for:
        reporting.show_text(f"feedback-{form.fiscal_year}", "尚不能反馈的原因", told.waits_for)
        return reporting.nothing_to_do(f"尚有{len(told.waits_for)}项未完成，暂不反馈。")
    reporting.show_table(f"results-{form.fiscal_year}", f"{form.fiscal_year}年度评价结果（未公开）", told.rows)
    estimated = estimating.sentence(form.fiscal_year)
    if estimated:
        reporting.show_text(f"estimate-{form.fiscal_year}", "由抽查样本推断总体（未公开）", [estimated])
    return reporting.done(f"已向{len(told.rows)}个部门反馈结果，申诉截止{told.object_by}。")
