"""A scheduled step whose run does not end is told of, once for the step, however many of its next runs were cancelled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.schedules import IntervalSchedule
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelled, Completed, Failed, Running

from flows import held_up, interrupted
from tasks import watching

HALF_AN_HOUR = timedelta(minutes=30)
Scheduled = Callable[..., tuple[UUID, list[FlowRun]]]


@flow(name="a step")
def step() -> None:
    """Nothing (示例): only its runs matter here."""


@pytest.fixture
def client(prefect_harness: None, home: Path) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        interrupted.declare()
        yield client
        interrupted.declare()


@pytest.fixture
def scheduled(client: SyncPrefectClient) -> Iterator[Scheduled]:
    """A half-hourly step as the server scheduled it in the last hours: its runs, oldest first."""
    made = []

    def make(hours: int) -> tuple[UUID, list[FlowRun]]:
        every = DeploymentScheduleCreate(schedule=IntervalSchedule(interval=HALF_AN_HOUR))
        one = client.create_deployment(
            flow_id=client.create_flow(step), name=f"20 收取材料{uuid4().hex[:6]}", schedules=[every]
        )
        made.append(one)
        past = {"start_time": _ago(hours=hours), "end_time": _ago(), "min_runs": 2 * hours - 1}
        client.request("POST", "/deployments/{id}/schedule", path_params={"id": one}, json=past)
        runs = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[one])),
            sort=FlowRunSort.EXPECTED_START_TIME_ASC,
        )
        return one, [r for r in runs if r.expected_start_time and r.expected_start_time < datetime.now(UTC)]

    yield make
    for one in made:
        client.delete_deployment(one)


def _ago(hours: int = 0) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


def test_a_step_whose_run_does_not_end_is_one_alarm(client: SyncPrefectClient, scheduled: Scheduled) -> None:
    _, runs = scheduled(3)
    assert len(runs) >= 5
    client.set_flow_run_state(runs[0].id, Running())
    for run in runs[1:]:
        client.set_flow_run_state(run.id, Cancelled(message="Deployment concurrency limit reached."))

    (found,) = held_up.held_up()

    assert found.step.startswith("收取材料")
    assert (found.since, found.cancelled) == (runs[0].expected_start_time, len(runs) - 1)
    assert found.at_work == (runs[0].name,)
    (alarm,) = watching.held_up([found])
    assert f"1次运行一直没有结束，{len(runs) - 1}次到点的运行被取消" in alarm.what
    client.set_flow_run_state(runs[0].id, Completed())
    assert held_up.held_up() == [], "it was done after all of them were due"


def test_what_failed_or_was_never_begun_is_told_elsewhere_and_a_manual_run_does_for_all(
    client: SyncPrefectClient, scheduled: Scheduled
) -> None:
    one, runs = scheduled(3)
    client.set_flow_run_state(runs[0].id, Failed())
    assert held_up.held_up() == []
    client.set_flow_run_state(runs[1].id, Cancelled())
    assert [found.cancelled for found in held_up.held_up()] == [1]
    by_hand = client.create_flow_run_from_deployment(one)
    client.set_flow_run_state(by_hand.id, Running())
    assert [found.at_work for found in held_up.held_up()] == [(by_hand.name,)]
    client.set_flow_run_state(by_hand.id, Completed())
    assert held_up.held_up() == []
