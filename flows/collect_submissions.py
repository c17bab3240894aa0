"""收取材料: everything in the mailbox and the drop folder goes through the ledger."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Failed

from flows import reporting
from flows.desk import flow
from flows.forms import YearForm
from tasks.stages import collection, objections


@flow(name="收取材料", flow_run_name="{form.which}-收取材料")
@reporting.once_opened
def collect_submissions(form: YearForm) -> State[Any]:
    """Take in what arrived (收取材料). Nothing is removed from the channels; taking in twice changes nothing."""
    collected = collection.collect(form.fiscal_year)
    if objections.receive(form.fiscal_year):
        rows = objections.listing(form.fiscal_year)
        reporting.show_table(f"objections-{form.fiscal_year}", f"{form.fiscal_year}年度申诉清单", rows)
    reporting.show_table(f"quarantine-{form.fiscal_year}", "本次隔离待查的收件", collected.quarantined)
    if collected.errors:
        return Failed(message=f"{collected.sentence}{'；'.join(collected.errors)}")
    return reporting.done(collected.sentence)
