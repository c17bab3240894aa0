"""Scheduled steps that do not come to an end (到点没有办成的环节): the run at work does not end, and the next ones are cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort

from flows import interrupted
from tasks import settings, watching

# A run that failed or crashed is told by the server's own rule, one that nobody begins as such.
UNTOLD = [StateType.CANCELLED, *interrupted.AT_WORK]
MOST = 200


def held_up() -> list[watching.HeldUp]:
    """Steps whose schedule has come and that have not been done since (到点没有办成的环节), as the Prefect server knows it."""
    now = datetime.now(UTC)
    since = now - timedelta(hours=settings.current().watch_hours)
    with get_client(sync_client=True) as client:
        due = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=UNTOLD)),
                expected_start_time=FlowRunFilterExpectedStartTime(after_=since, before_=now),
            ),
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=MOST,
        )
        steps: dict[UUID, list[FlowRun]] = {}
        for run in due:
            if run.deployment_id is not None and run.auto_scheduled:
                steps.setdefault(run.deployment_id, []).append(run)
        return list(_undone(client, steps)) if steps else []


def _undone(client: SyncPrefectClient, steps: dict[UUID, list[FlowRun]]) -> Iterator[watching.HeldUp]:
    at_work = interrupted.at_work(client)
    wanted = DeploymentFilter(id=DeploymentFilterId(any_=list(steps)))
    for deployment in client.read_deployments(deployment_filter=wanted, limit=MOST):
        step, done = deployment.id, _last_done(client, deployment.id)
        due = [r for r in steps[step] if r.expected_start_time and not (done and r.expected_start_time <= done)]
        if due:
            yield watching.HeldUp(
                deployment.name[3:],
                min(r.expected_start_time for r in due if r.expected_start_time),
                sum(r.state_type is StateType.CANCELLED for r in due),
                tuple(r.name for r in at_work if r.deployment_id == step),
            )


def _last_done(client: SyncPrefectClient, step: UUID) -> datetime | None:
    """When a step was last done (最近一次办成), by a schedule or by hand."""
    runs = client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[step])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.COMPLETED]))
        ),
        sort=FlowRunSort.END_TIME_DESC,
        limit=1,
    )
    return runs[0].end_time if runs else None
