"""A run that the last stop cut off gives its place back, so that the next one is not cancelled unseen."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, StateType
from prefect.states import Pending, Running

from flows.commands import interrupted


@flow(name="one at a time")
def step() -> None:
    """Nothing (示例): only its runs matter here."""


@pytest.fixture
def server(prefect_harness: None) -> Any:
    with get_client(sync_client=True) as client:
        yield client


def deployed(client: SyncPrefectClient) -> UUID:
    alone = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    return client.create_deployment(
        flow_id=client.create_flow(step), name="alone", concurrency_limit=alone.limit, concurrency_options=None
    )


def begun(client: SyncPrefectClient, deployment: UUID) -> Any:
    run = client.create_flow_run_from_deployment(deployment)
    return run, client.set_flow_run_state(run.id, Pending()).state


def test_a_run_cut_off_while_it_was_begun_frees_its_place(server: SyncPrefectClient) -> None:
    deployment = deployed(server)
    cut_off, state = begun(server, deployment)
    assert state is not None
    assert state.type is StateType.PENDING
    _, refused = begun(server, deployment)
    assert refused is None or refused.type is not StateType.PENDING

    assert interrupted.declare() >= 1

    after = server.read_flow_run(cut_off.id).state
    assert after is not None
    assert after.type is StateType.CRASHED
    assert after.message == interrupted.SENTENCE
    _, state = begun(server, deployment)
    assert state is not None
    assert state.type is StateType.PENDING
    assert interrupted.declare() == 1
    assert interrupted.declare() == 0


def test_runs_that_wait_and_runs_without_a_deployment_are_left_alone(server: SyncPrefectClient) -> None:
    waiting = server.create_flow_run_from_deployment(deployed(server))
    own = server.create_flow_run(step, state=Running())
    interrupted.declare()
    assert server.read_flow_run(waiting.id).state_type is StateType.SCHEDULED
    assert server.read_flow_run(own.id).state_type is StateType.RUNNING
