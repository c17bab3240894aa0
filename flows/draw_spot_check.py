"""抽取抽查对象: a seeded, stratified draw, its approval, the letters to the drawn and the tasks to the reviewers."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting, signing
from flows.desk import flow
from flows.forms import DrawForm, YearForm
from tasks.stages import draw


@flow(name="抽取", flow_run_name="{form.fiscal_year}年度-抽取")
def prepare_draw(form: DrawForm) -> State[Any]:
    """Draw with the seed that was named (抽取) and put the list to the approver. A redraw needs a reason; both are kept."""
    made = draw.prepare(form.fiscal_year, form.seed, form.operator, form.redraw_reason or None)
    reporting.show_table(f"draw-{form.fiscal_year}", f"{form.fiscal_year}年度第{made.number}次抽取", draw.rows(made))
    signing.show(form.fiscal_year)
    return reporting.done(f"第{made.number}次抽取完成，待审批，摘要 {made.digest[:12]}。")


@flow(name="下达抽查任务", flow_run_name="{form.which}-下达抽查任务")
@reporting.once_opened
def draw_spot_check(form: YearForm) -> State[Any]:
    """Release the approved draw (下达抽查任务): tell the drawn departments, send each reviewer the workbook."""
    released = draw.release(form.fiscal_year)
    if released is None:
        return reporting.nothing_to_do("抽查名单尚未抽取或尚未批准。")
    return reporting.done(released)
