"""审批: a person decides at a gate, by name, on the content whose digest the person saw."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting
from flows.desk import flow
from flows.forms import GateForm
from tasks.stages import gates


@flow(name="审批", flow_run_name="{form.fiscal_year}年度-审批-{form.gate.label}")
def decide_gate(form: GateForm) -> State[Any]:
    """Record a decision (审批). A stale digest is refused, and so is an approver who prepared the matter."""
    made = gates.decide(
        form.fiscal_year,
        form.gate,
        digest=form.digest,
        decision=form.decision,
        who=form.approver,
        reason=form.reason,
    )
    assert made.decision is not None
    return reporting.done(f"“{form.gate.label}”：{made.decision.label}（{made.decided_by}）。")
