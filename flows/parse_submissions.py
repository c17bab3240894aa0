"""审读材料: read every new version, check it, accept it or return it, and tell the department what was understood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from flows import reporting, sharing
from flows.desk import flow
from flows.forms import YearForm
from models.states import SharedStep
from tasks.stages import parsing
from tasks.stages.sharing import Part


@task(
    name="审读一份材料",
    task_run_name="审读-{department}",
    cache_policy=NO_CACHE,
    # The half-hourly run tries everything again; this only spares a department the wait when something blinked.
    retries=2,
    retry_delay_seconds=[3, 15],
    retry_condition_fn=sharing.may_pass,
)
def parse_one(version_id: int, department: str) -> dict[str, Any]:
    """Read one version and decide on it (审读一个报送版本)."""
    return parsing.parse_one(version_id)


def _shown(_fiscal_year: int, part: Part) -> Iterator[dict[str, Any]]:
    """Read what a department has sent (审读一个部门的材料), its versions in their order, each a task run."""
    for version_id in parsing.unread_of(part.subject):
        yield parse_one(version_id, part.label)


def _plain(_fiscal_year: int, part: Part) -> Iterator[dict[str, Any]]:
    for version_id in parsing.unread_of(part.subject):
        yield parsing.parse_one(version_id)


READING = sharing.Work(SharedStep.READ, _shown, _plain)


@flow(name="审读材料", flow_run_name="{form.which}-审读材料")
@reporting.once_opened
def parse_submissions(form: YearForm) -> State[Any]:
    """Read what nobody has read yet (审读材料). One bad file never stops the others."""
    waiting = parsing.departments_to_read(form.fiscal_year)
    if not waiting:
        return reporting.nothing_to_do("没有待审读的材料。")
    carried = sharing.carry_out(READING, form.fiscal_year, waiting)
    rows = [parsing.with_sheet_here(form.fiscal_year, row) for row in carried.rows]
    reporting.show_table(f"parsed-{form.fiscal_year}", f"{form.fiscal_year}年度审读情况", rows)
    returned = sum(row["审核结论"] != "接收" for row in rows)
    sentence = f"审读{len(rows)}份，退回{returned}份。"
    if carried.broken:
        return reporting.partly(f"{sentence}未能审读：{'、'.join(carried.broken)}，下次运行将重试。")
    return reporting.done(sentence)
