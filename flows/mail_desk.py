"""函件待办: letters that failed, may not have arrived or came back, and what a person decides about them."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting
from flows.desk import flow
from flows.forms import YearForm
from flows.letter_forms import FailedLetterAction, FailedLetterForm, MailAgainForm
from tasks.stages import desk, mailing_again, paper


@flow(name="函件待办清单", flow_run_name="{form.fiscal_year}年度-函件待办清单")
def list_letters(form: YearForm) -> State[Any]:
    """Show the letters that wait for a person (函件待办清单), with the next step for each."""
    count = _show(form.fiscal_year)
    return reporting.done(f"有{count}项待处理。") if count else reporting.nothing_to_do("没有待处理的函件。")


@flow(name="处理未发出的函件", flow_run_name="{form.fiscal_year}年度-函件{form.letter}")
def handle_failed_letter(form: FailedLetterForm) -> State[Any]:
    """Send a failed letter to the corrected address or again to the same one, have it brought, or drop it (处理未发出的函件)."""
    match form.action:
        case FailedLetterAction.GIVE_UP:
            sentence = desk.give_up(form.fiscal_year, form.letter, form.operator, form.reason)
        case FailedLetterAction.BRING:
            sentence = desk.bring(form.fiscal_year, form.letter, form.operator, form.reason)
            paper.lay_out(form.fiscal_year)
        case FailedLetterAction.READDRESS | FailedLetterAction.AGAIN:
            readdress = form.action is FailedLetterAction.READDRESS
            sentence = desk.try_again(
                form.fiscal_year, form.letter, readdress=readdress, who=form.operator, reason=form.reason
            )
    _show(form.fiscal_year)
    return reporting.done(sentence)


@flow(name="补发退回的函件", flow_run_name="{form.fiscal_year}年度-补发退回的函件")
def mail_letters_again(form: MailAgainForm) -> State[Any]:
    """Mail letters that came back to the corrected address (补发退回的函件), all of those chosen or none."""
    sentence = mailing_again.mail_again(
        form.fiscal_year, form.reason, form.operator, letters=form.letters, codes=form.departments
    )
    _show(form.fiscal_year)
    return reporting.done(sentence)


def _show(fiscal_year: int) -> int:
    rows = desk.letters(fiscal_year)
    reporting.show_table(
        f"letters-{fiscal_year}", f"{fiscal_year}年度函件待办清单", rows or [{"说明": "没有待处理的函件。"}]
    )
    return len(rows)
