"""审读材料: read every new version, check it, accept it or return it, and tell the department what was understood."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from flows import reporting
from flows.desk import flow
from flows.forms import YearForm
from tasks.stages import parsing


@task(name="审读一份材料", task_run_name="审读-{department}", cache_policy=NO_CACHE)
def parse_one(version_id: int, department: str) -> dict[str, Any]:
    """Read one version and decide on it (审读一个报送版本)."""
    return parsing.parse_one(version_id)


@flow(name="审读材料", flow_run_name="{form.which}-审读材料")
@reporting.once_opened
def parse_submissions(form: YearForm) -> State[Any]:
    """Read what nobody has read yet (审读材料). One bad file never stops the others."""
    waiting = parsing.to_read(form.fiscal_year)
    if not waiting:
        return reporting.nothing_to_do("没有待审读的材料。")
    states = [(name, parse_one(version_id, name, return_state=True)) for version_id, name in waiting]
    rows = [state.result() for _, state in states if state.is_completed()]
    broken = [name for name, state in states if not state.is_completed()]
    reporting.show_table(f"parsed-{form.fiscal_year}", f"{form.fiscal_year}年度审读情况", rows)
    returned = sum(row["审核结论"] != "接收" for row in rows)
    sentence = f"审读{len(rows)}份，退回{returned}份。"
    if broken:
        return reporting.partly(f"{sentence}未能审读：{'、'.join(broken)}，下次运行将重试。")
    return reporting.done(sentence)
