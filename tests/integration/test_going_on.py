"""A step that was cut off is begun once more by itself, with the same form; never what a person must begin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.states import Running

from flows import going_on, interrupted


@flow(name="a step")
def step(form: dict[str, Any] | None = None) -> None:
    """Nothing (示例): only its runs matter here."""


@pytest.fixture
def client(prefect_harness: None) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client
        interrupted.declare()


def deployed(client: SyncPrefectClient, *tags: str) -> UUID:
    return client.create_deployment(flow_id=client.create_flow(step), name=uuid4().hex, tags=list(tags))


def test_a_run_that_was_cut_off_is_begun_once_more_with_its_form(client: SyncPrefectClient) -> None:
    one = deployed(client, going_on.TAG)
    cut_off = client.create_flow_run_from_deployment(one, parameters={"form": {"fiscal_year": 2025}})
    second = going_on.again(str(cut_off.id))
    assert second is not None and second != str(cut_off.id)
    assert going_on.again(str(cut_off.id)) == second
    made = client.read_flow_run(UUID(second))
    assert made.parameters == cut_off.parameters
    assert going_on.TAG in made.tags, "a letter is written when it crashes as well"
    assert going_on.again(str(made.id)) is None
    client.set_flow_run_state(made.id, Running())
    other = client.create_flow_run_from_deployment(one)
    assert going_on.again(str(other.id)) is None, "the step is at work again already"


def test_what_a_person_must_begin_is_not_begun_by_itself(client: SyncPrefectClient) -> None:
    one = deployed(client, "绩效评价")
    run = client.create_flow_run_from_deployment(one)
    assert going_on.again(str(run.id)) is None
