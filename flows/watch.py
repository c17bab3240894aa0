"""值守检查: has the year been looked after? Warns when the daily run stayed away or a stage is overdue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateName,
)
from prefect.client.schemas.filters import FlowRunFilterStateType as StateTypes
from prefect.client.schemas.objects import State, StateType
from prefect.client.schemas.sorting import FlowRunSort

from flows import held_up, interrupted, reporting
from flows.desk import flow
from tasks import watching
from tasks.mail import outbox
from tasks.stages import alerts

WATCHED = "推进年度工作"
MOST_LATE = 50


@flow(name="值守检查", flow_run_name="值守检查")
def watch() -> State[Any]:
    """Look for what should have happened and has not (值守检查); mail the staff, once a day for each matter.

    Runs whose process is gone are declared crashed first; the server's rule then writes the letter about each.
    """
    for name in interrupted.declare_silent():
        reporting.say(f"“{name}”没有任何动静，已判定为运行中断。")
    found = look()
    reporting.show_text("watch", "值守检查", [f"{alarm.what}{alarm.next_step}" for alarm in found])
    if not found:
        return reporting.done("一切正常。")
    tell(found)
    return reporting.partly("；".join(alarm.title for alarm in found))


def look() -> list[watching.Alarm]:
    """All that is wrong now (当前告警), from our database and from the Prefect server."""
    return [*watching.alarms(last_success()), *standing_still(), *watching.held_up(held_up.held_up())]


def last_success() -> datetime | None:
    """When 推进年度工作 last succeeded (最近一次成功), as the Prefect server knows it."""
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[WATCHED])),
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=StateTypes(any_=[StateType.COMPLETED]))),
            sort=FlowRunSort.END_TIME_DESC,
            limit=1,
        )
    return runs[0].end_time if runs else None


def standing_still() -> list[watching.Alarm]:
    """Runs that are due and that nobody begins (没有按时开始的运行): no worker is there to begin them, or to tell of it."""
    late = FlowRunFilter(state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Late"])))
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_run_filter=late, sort=FlowRunSort.EXPECTED_START_TIME_ASC, limit=MOST_LATE)
    return watching.late([(run.name, run.expected_start_time) for run in runs if run.expected_start_time])


def tell(found: list[watching.Alarm]) -> int:
    """Mail alarms to the staff (发出告警); returns how many letters are addressed."""
    told = sum(
        alerts.alert(alarm.kind, title=alarm.title, what=alarm.what, next_step=alarm.next_step, details=alarm.details)
        for alarm in found
    )
    if told:
        outbox.send_due()
    return told
