"""A page gets a new version when it changed, and in the run of a person who asked for it; never one that equals the last."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import FlowRun
from prefect.flow_engine import run_flow

from flows import pages, reporting

KEYS = ("table", "words", "picture", "bar")
Shown = Callable[..., dict[str, int]]


@flow(name="a step that shows")
def step(mark: str, amount: str, title: str, percent: int) -> None:
    """Show one page of each kind (示例)."""
    reporting.show_table(f"table-{mark}", title, [{"部门": "甲", "金额": Decimal(amount), "说明": None}])
    reporting.show_text(f"words-{mark}", title, [f"金额{amount}"])
    reporting.show_picture(f"picture-{mark}", title, f"<svg>{amount}</svg>")
    pages.bar(f"bar-{mark}", title, float(percent))


@pytest.fixture
def show(prefect_harness: None) -> Shown:
    """Runs the step, by itself or as a given run, and counts each page's versions on the server."""
    mark = uuid4().hex[:8]

    def shown(
        amount: str = "1.50", title: str = "金额", percent: int = 50, run: FlowRun | None = None
    ) -> dict[str, int]:
        values: dict[str, Any] = {"mark": mark, "amount": amount, "title": title, "percent": percent}
        run_flow(step, parameters=values, flow_run=run)
        with get_client(sync_client=True) as client:
            made = client.read_artifacts(
                artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[f"{key}-{mark}" for key in KEYS]))
            )
        return {key: sum(one.key == f"{key}-{mark}" for one in made) for key in KEYS}

    return shown


def test_what_stands_there_already_is_not_shown_again_by_this_process_or_another(show: Shown) -> None:
    assert show() == dict.fromkeys(KEYS, 1)
    assert show() == dict.fromkeys(KEYS, 1)
    pages._known.clear()
    assert show() == dict.fromkeys(KEYS, 1), "the server was asked"


def test_another_content_or_another_title_is_a_new_version(show: Shown) -> None:
    show()
    assert show(amount="1.51") == {"table": 2, "words": 2, "picture": 2, "bar": 1}
    assert show(amount="1.51", percent=51) == {"table": 2, "words": 2, "picture": 2, "bar": 2}
    assert show(amount="1.51", percent=51, title="收支") == dict.fromkeys(KEYS, 3)
    pages._known.clear()
    assert show(amount="1.51", percent=51) == dict.fromkeys(KEYS, 4), "back to what it was before is a change too"


def test_a_person_finds_the_pages_in_the_run_that_was_asked_for(show: Shown) -> None:
    show()
    with get_client(sync_client=True) as client:
        deployment = client.create_deployment(flow_id=client.create_flow(step), name=uuid4().hex)
        run = client.create_flow_run_from_deployment(deployment)
        assert show(run=run) == dict.fromkeys(KEYS, 2)
        client.delete_deployment(deployment)
