"""跟踪整改: open the items, take in the departments' reports, remind, and close the year when all are verified."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows import reporting
from flows.forms import ItemExtensionForm, VerificationForm, YearForm
from tasks.stages import closing, rectification


@flow(name="跟踪整改", flow_run_name="{form.fiscal_year}年度-跟踪整改")
def track_rectification(form: YearForm) -> State[Any]:
    """Send the remediation notices, take in the reports, remind the silent, close the year at its end (跟踪整改)."""
    opened = rectification.open_items(form.fiscal_year)
    reported = rectification.record_replies(form.fiscal_year)
    reminded = rectification.remind(form.fiscal_year)
    closed = closing.close_if_finished(form.fiscal_year)
    reporting.show_table(
        f"rectification-{form.fiscal_year}", f"{form.fiscal_year}年度整改台账", rectification.rows(form.fiscal_year)
    )
    more = "年度工作已办结。" if closed else ""
    return reporting.done(f"新建事项{opened}项，收到整改报告{reported}份，发出提醒{reminded}封。{more}")


@flow(name="核实整改", flow_run_name="{form.fiscal_year}年度-核实整改-{form.department}")
def verify_rectification(form: VerificationForm) -> State[Any]:
    """Verify or return items (核实整改), with the officer's name and words."""
    states = {
        item: rectification.verify(
            form.fiscal_year, form.department, item, accepted=form.accepted, remark=form.remark, who=form.operator
        )
        for item in form.items
    }
    told = "；".join(f"第{item}项：{state.label}" for item, state in states.items())
    return reporting.done(f"{form.department}{told}。")


@flow(name="准予整改延期", flow_run_name="{form.fiscal_year}年度-整改延期-{form.department}-{form.item}")
def extend_rectification(form: ItemExtensionForm) -> State[Any]:
    """Give one remediation item more time (准予整改延期), with the officer's name and reason."""
    rectification.extend(form.fiscal_year, form.department, form.item, form.until, form.reason, form.operator)
    return reporting.done(f"{form.department}第{form.item}项准予延期至{form.until}。")
