"""Runs that the last stop cut off (上次停止时中断的运行): declared crashed, so that they hold nobody's place."""

from __future__ import annotations

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Crashed

# What a process of this machine was at when it ended. Scheduled runs wait on the server and harm nobody.
AT_WORK = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
SENTENCE = "服务上次停止时本次运行中断，已办的事项不受影响，可再次运行。"
PAGE = 200


def declare() -> int:
    """Declare them crashed (判定中断) and return how many there were.

    Only right where no worker can be alive: a run that a worker is about to begin looks the same. Its place under a
    deployment's limit would otherwise stay taken and every later run of that step be cancelled unseen.
    """
    at_work = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=AT_WORK)))
    with get_client(sync_client=True) as client:
        left: list[FlowRun] = []
        while page := client.read_flow_runs(flow_run_filter=at_work, limit=PAGE, offset=len(left)):
            left += page
        # Runs without a deployment were started by a program that looks after them itself.
        left = [run for run in left if run.deployment_id is not None]
        for run in left:
            client.set_flow_run_state(run.id, Crashed(message=SENTENCE))
    return len(left)
