"""协助办理: work along at a step that another worker's run shares, until nothing of it is free any more."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from flows import reporting, sharing
from flows.desk import flow
from flows.machine_forms import HelpForm
from flows.parse_submissions import READING
from flows.score_submissions import SCORING

WORK = {work.step: work for work in (READING, SCORING)}


@flow(name="协助办理", flow_run_name="{form.fiscal_year}年度-协助{form.step.label}")
def help_out(form: HelpForm) -> State[Any]:
    """Help another run (协助办理): take departments off its list and do them as it would itself."""
    done = sharing.work_along(WORK[form.step], form.fiscal_year, form.lot, form.size)
    if not done:
        return reporting.nothing_to_do("已由其他工作进程办完。")
    return reporting.done(f"协助{form.step.label}{done}个部门。")
