"""处理申诉: a person decides on an objection, with a reason; corrected lines make a new version of the result."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting
from flows.desk import flow
from flows.forms import YearForm
from flows.letter_forms import ObjectionForm
from tasks.stages import objection_decisions, objections
from tasks.stages.objection_decisions import Correction


@flow(name="申诉清单", flow_run_name="{form.fiscal_year}年度-申诉清单")
def list_objections(form: YearForm) -> State[Any]:
    """Acknowledge what is new and show every objection (申诉清单), with the digest a decision has to name."""
    objections.receive(form.fiscal_year)
    rows = objections.listing(form.fiscal_year)
    reporting.show_table(f"objections-{form.fiscal_year}", f"{form.fiscal_year}年度申诉清单", rows)
    return reporting.done(f"共有申诉{len(rows)}件。") if rows else reporting.nothing_to_do("没有申诉。")


@flow(name="处理申诉", flow_run_name="{form.fiscal_year}年度-申诉{form.objection}")
def decide_objection(form: ObjectionForm) -> State[Any]:
    """Decide an objection (处理申诉): the decision and, where lines are corrected, the new result go to the department."""
    decided = objection_decisions.decide(
        form.fiscal_year,
        form.objection,
        seen=form.digest,
        decision=form.decision.state,
        who=form.operator,
        reason=form.reason,
        corrections=[Correction(line.rule, line.score, line.reason) for line in form.corrections],
    )
    rows = objections.listing(form.fiscal_year)
    reporting.show_table(f"objections-{form.fiscal_year}", f"{form.fiscal_year}年度申诉清单", rows)
    return reporting.done(decided.sentence)
