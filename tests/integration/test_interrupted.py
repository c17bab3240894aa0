"""A run whose process is gone gives its place back and is told of; one that lives is never declared dead."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import (
    ConcurrencyLimitConfig,
    ConcurrencyLimitStrategy,
    ConcurrencyOptions,
    FlowRun,
    State,
    StateType,
)
from prefect.events.filters import EventAnyResourceFilter, EventFilter
from prefect.states import Completed, Pending, Running

from flows import interrupted
from tasks import settings

# So many events the server writes down at once; fewer wait for five seconds.
BATCH = 20


@flow(name="one at a time")
def step() -> None:
    """Nothing (示例): only its runs matter here."""


@pytest.fixture
def server(prefect_harness: None) -> Iterator[SyncPrefectClient]:
    """The server, with nobody said to be at work before or after."""
    with get_client(sync_client=True) as client:
        interrupted.declare()
        yield client
        interrupted.declare()


def deployed(client: SyncPrefectClient, limit: int = 1) -> UUID:
    """A step as prefect.yaml deploys it: another run than allowed is cancelled."""
    alone = ConcurrencyLimitConfig(limit=limit, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    return client.create_deployment(
        flow_id=client.create_flow(step),
        name=f"alone-{uuid4().hex[:6]}",
        concurrency_limit=alone.limit,
        concurrency_options=ConcurrencyOptions(collision_strategy=alone.collision_strategy),
    )


def begun(client: SyncPrefectClient, deployment: UUID) -> tuple[FlowRun, State[Any] | None]:
    run = client.create_flow_run_from_deployment(deployment)
    return run, client.set_flow_run_state(run.id, Pending()).state


def running(client: SyncPrefectClient, deployment: UUID) -> FlowRun:
    """A run that a worker began, with nobody behind it."""
    run, state = begun(client, deployment)
    assert state is not None and state.type is StateType.PENDING
    client.set_flow_run_state(run.id, Running())
    return run


def state_of(client: SyncPrefectClient, run: FlowRun) -> StateType | None:
    return client.read_flow_run(run.id).state_type


def beat(client: SyncPrefectClient, run_id: object) -> None:
    """A sign of life as Prefect's engine sends it, and its arrival."""
    resource = {"prefect.resource.id": f"prefect.flow-run.{run_id}"}
    event = {"event": interrupted.HEARTBEAT, "resource": resource, "occurred": datetime.now(UTC).isoformat()}
    client.request("POST", "/events", json=[event | {"id": str(uuid4())} for _ in range(BATCH)])
    about = EventFilter(any_resource=EventAnyResourceFilter(id=[f"prefect.flow-run.{run_id}"]))
    _until(lambda: any(e.event == interrupted.HEARTBEAT for e in client.read_events(about, limit=20).events))


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline, "the server did not keep the event"
        time.sleep(0.1)


def test_a_run_cut_off_while_it_was_begun_frees_its_place(server: SyncPrefectClient) -> None:
    deployment = deployed(server)
    cut_off, state = begun(server, deployment)
    assert state is not None
    assert state.type is StateType.PENDING
    _, refused = begun(server, deployment)
    assert refused is not None and refused.type is StateType.CANCELLED

    assert interrupted.declare() == 1

    after = server.read_flow_run(cut_off.id).state
    assert after is not None
    assert after.type is StateType.CRASHED
    assert after.message == interrupted.STOPPED
    _, state = begun(server, deployment)
    assert state is not None
    assert state.type is StateType.PENDING
    assert interrupted.declare() == 1
    assert interrupted.declare() == 0


def from_now_on() -> datetime:
    """A moment after which nothing is heard any more of what has happened so far."""
    time.sleep(0.3)
    return datetime.now(UTC)


def test_only_runs_without_a_sign_of_life_are_declared_crashed_and_their_place_is_free(
    server: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at = deployed(server)
    killed, (half_begun, _) = running(server, killed_at), begun(server, deployed(server))
    lives, looks = running(server, deployed(server)), running(server, deployed(server))
    waiting = server.create_flow_run_from_deployment(deployed(server))
    of_a_program = server.create_flow_run(step, state=Running())
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", str(looks.id))
    since = from_now_on()
    beat(server, lives.id)
    assert interrupted.declare_silent(None, 0) == []
    _, refused = begun(server, killed_at)
    assert refused is not None and refused.type is StateType.CANCELLED

    assert set(interrupted.declare_silent(since, 0)) == {killed.name, half_begun.name}

    after = server.read_flow_run(killed.id).state
    assert after is not None and after.type is StateType.CRASHED
    assert after.message == interrupted.SILENT.format(minutes=settings.current().silent_minutes)
    assert state_of(server, half_begun) is StateType.CRASHED
    for run in (lives, looks, of_a_program):
        assert state_of(server, run) is StateType.RUNNING
    assert state_of(server, waiting) is StateType.SCHEDULED
    _, state = begun(server, killed_at)
    assert state is not None and state.type is StateType.PENDING


def test_a_run_that_is_heard_at_the_second_look_lives(
    server: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server was away: what it missed says nothing about who is alive."""
    run, looks = running(server, deployed(server)), uuid4()
    since = from_now_on()
    beat(server, looks)
    waiting = Waiting(lambda: beat(server, run.id))
    monkeypatch.setattr(interrupted, "time", waiting)
    assert interrupted.declare_silent(since) == []
    assert waiting.seconds == [interrupted.SECOND_LOOK_SECONDS]
    assert state_of(server, run) is StateType.RUNNING


class Waiting:
    """A clock on which something happens while one waits."""

    def __init__(self, happens: Callable[[], None]) -> None:
        self.happens = happens
        self.seconds: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.happens()


def test_nobody_is_declared_dead_while_no_heartbeat_reaches_the_server(
    server: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The only sign of life may be that of the run which looks, and the server needs some seconds to write it down."""
    run = running(server, deployed(server))
    since = from_now_on()
    assert interrupted.declare_silent(since, 0) == []
    monkeypatch.setattr(interrupted, "time", Waiting(lambda: beat(server, uuid4())))
    assert interrupted.declare_silent(since) == [run.name]


def test_a_silent_run_is_left_until_the_living_one_of_its_step_has_ended(server: SyncPrefectClient) -> None:
    """Prefect gives a place back when the silent one ends, though the server has long taken it back and given it away."""
    shared = deployed(server, limit=2)
    silent, lives = running(server, shared), running(server, shared)
    since = from_now_on()
    beat(server, lives.id)
    assert interrupted.declare_silent(since, 0) == []
    server.set_flow_run_state(lives.id, Completed())
    assert interrupted.declare_silent(since, 0) == [silent.name]
