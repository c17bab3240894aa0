"""另行送达: departments that have no working address are told on paper; what was brought is recorded with its proof."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import State

from flows import links, pages, reporting
from flows.delivery_forms import BackToMailForm, DeliveredForm, OtherDeliveryForm
from flows.desk import flow
from flows.forms import YearForm
from flows.plainly import on_page
from tasks import settings
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
    """The list with links to the printed letters and to the next form; a sentence, empty when nothing waits."""
    laid = paper.lay_out(fiscal_year)
    title = f"{fiscal_year}年度待送达函件"
    rows = [_row(fiscal_year, row, laid) for row in delivered.listing(fiscal_year)]
    head = ("编号", "部门", "函件", "拟函日期", "送达方式", "状态", "下一步")
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ("---",) * len(head), *rows)]
    where = f"打印用的送达登记表：{links.to_file(_place(laid.sheet))}" if laid else "没有待送达的函件。"
    shown = "\n".join([f"### {title}\n\n{where}\n", *(lines if rows else ())]) + "\n"
    pages.text(f"letters-to-bring-{fiscal_year}", title, shown)
    return f"打印件和送达登记表已整理：{_place(laid.sheet)}。" if laid else ""


def _row(fiscal_year: int, row: Mapping[str, Any], laid: paper.LaidOut | None) -> tuple[str, ...]:
    number = row["函件编号"]
    letter, step = on_page(row["函件"]), on_page(row["下一步"])
    if number is not None:
        page = laid.pages.get(number) if laid else None
        letter = links.to_file(_place(page), letter) if page else letter
        step = links.to_form("送达后点此登记", "登记送达", {"fiscal_year": fiscal_year, "letters": [number]})
    shown = (on_page(row[name]) for name in ("拟函日期", "送达方式", "状态"))
    return (on_page(number), on_page(row["部门"]), letter, *shown, step)


def _place(path: Path) -> str:
    """Where a file lies below the data folder (文件位置)."""
    return path.relative_to(settings.current().home).as_posix()
