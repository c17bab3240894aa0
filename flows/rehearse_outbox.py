"""预演发送: which letters would leave now, to whom, with what, and whether the mail server would let us in."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting
from flows.desk import flow
from flows.forms import YearForm
from tasks.mail import rehearsal


@flow(name="预演发送", flow_run_name="{form.fiscal_year}年度-预演发送")
def rehearse_outbox(form: YearForm) -> State[Any]:
    """Show what sending would do (预演发送); nothing leaves and nothing changes."""
    found = rehearsal.rehearse(form.fiscal_year)
    reporting.show_table(f"rehearsal-{form.fiscal_year}", f"{form.fiscal_year}年度待发函件（预演）", found.rows)
    return reporting.partly(found.sentence) if found.error else reporting.done(found.sentence)
