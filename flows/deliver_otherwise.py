"""另行送达: departments that have no working address are told on paper; what was brought is recorded with its proof."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting
from flows.delivery_forms import BackToMailForm, DeliveredForm, OtherDeliveryForm
from flows.desk import flow
from flows.forms import YearForm
from tasks.stages import delivered, delivery, paper
from tasks.stages.delivered import Proof


@flow(name="登记另行送达", flow_run_name="{form.fiscal_year}年度-登记另行送达")
def tell_otherwise(form: OtherDeliveryForm) -> State[Any]:
    """Record that departments' letters are brought and not mailed (登记另行送达), with the reason."""
    sentence = delivery.tell_otherwise(form.fiscal_year, form.departments, form.means, form.reason, form.operator)
    _show(form.fiscal_year)
    return reporting.done(sentence)


@flow(name="恢复邮件发送", flow_run_name="{form.fiscal_year}年度-恢复邮件发送")
def tell_by_mail(form: BackToMailForm) -> State[Any]:
    """Go back to mail for departments whose address was corrected (恢复邮件发送)."""
    sentence = delivery.tell_by_mail(form.fiscal_year, form.departments, form.reason, form.operator)
    _show(form.fiscal_year)
    return reporting.done(sentence)


@flow(name="待送达函件", flow_run_name="{form.fiscal_year}年度-待送达函件")
def list_letters_to_bring(form: YearForm) -> State[Any]:
    """Lay out what has to be brought for printing (待送达函件) and list it."""
    where = _show(form.fiscal_year)
    return reporting.done(where) if where else reporting.nothing_to_do("没有待送达的函件。")


@flow(name="登记送达", flow_run_name="{form.fiscal_year}年度-登记送达")
def record_delivery(form: DeliveredForm) -> State[Any]:
    """Record letters that were brought (登记送达): by what means, on which day, who signed; all of them or none."""
    proof = Proof(form.means, form.delivered_on, form.signed_by, form.receipt_number, form.remark)
    sentence = delivered.record(
        form.fiscal_year,
        proof,
        form.operator,
        letters=form.letters,
        codes=form.departments,
        expected=form.count,
    )
    _show(form.fiscal_year)
    return reporting.done(sentence)


def _show(fiscal_year: int) -> str:
    """The list with the place where the printed letters lie; a sentence, empty when nothing waits."""
    sheet = paper.lay_out(fiscal_year)
    rows = delivered.listing(fiscal_year)
    reporting.show_table(
        f"letters-to-bring-{fiscal_year}",
        f"{fiscal_year}年度待送达函件" + (f"；打印件和登记表：{sheet.parent}" if sheet else ""),
        rows or [{"说明": "没有待送达的函件。"}],
    )
    return f"打印件和登记表已整理：{sheet}。" if sheet else ""
