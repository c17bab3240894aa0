"""发送函件: send what is approved, each letter once; what is unclear goes to a person."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Failed

from flows import reporting
from flows.desk import flow
from flows.forms import LetterForm, YearForm
from tasks import store
from tasks.mail import outbox
from tasks.stages import paper


@flow(name="发送函件", flow_run_name="{form.fiscal_year}年度-发送函件")
def send_outbox(form: YearForm) -> State[Any]:
    """Send the approved letters (发送函件) over one connection. An unreachable server loses nothing.

    What has to be brought instead is laid out for printing.
    """
    paper.lay_out_if_opened(form.fiscal_year)
    report = outbox.send_due()
    sentence = (
        f"发送{report.sent}封，失败{report.failed}封，稍后重试{report.retry_later}封，"
        f"结果不明{report.unknown}封，待发{report.waiting}封。"
    )
    if report.error:
        return Failed(message=f"{sentence}{report.error}")
    return reporting.partly(sentence) if report.failed or report.unknown else reporting.done(sentence)


@flow(name="处理结果不明的函件", flow_run_name="{form.fiscal_year}年度-函件{form.letter}")
def settle_letter(form: LetterForm) -> State[Any]:
    """Decide what became of a letter whose sending was cut off (处理结果不明的函件)."""
    with store.session() as db:
        outbox.settle_unknown(db, form.letter, delivered=form.delivered, who=form.operator, reason=form.reason)
    return reporting.done("已登记为已发送。" if form.delivered else "将重新发送。")
