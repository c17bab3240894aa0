"""After a run was cut off (续办): the step is started once more, so that nobody waits for its next day."""

from __future__ import annotations

from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import PrefectException
from prefect.logging import get_run_logger

from flows import interrupted

# The mark of the steps that may be started again without a person (deployments/prefect.yaml).
TAG = "续办"
ONCE = "续办/"


def again(run_id: str) -> str | None:
    """Start the step of a run that crashed once more, with the same form (续办); the new run's id.

    None where it is not for us to start it: a step that a person must begin, one that is at work again already, and a run
    that was itself a second try. What brings down two runs in turn is looked at by a person. Asked twice about the same
    run, the server makes one.
    """
    try:
        with get_client(sync_client=True) as client:
            return _again(client, UUID(run_id))
    except (PrefectException, httpx.HTTPError, ValueError) as error:
        # Whoever is told that the run crashed can start it by hand.
        get_run_logger().warning("未能自动再办一次：%s", error)
        return None


def _again(client: SyncPrefectClient, run_id: UUID) -> str | None:
    run = client.read_flow_run(run_id)
    step = run.deployment_id
    if step is None or TAG not in run.tags or (run.idempotency_key or "").startswith(ONCE):
        return None
    if any(one.deployment_id == step for one in interrupted.at_work(client)):
        return None
    made = client.create_flow_run_from_deployment(step, parameters=run.parameters, idempotency_key=f"{ONCE}{run_id}")
    return str(made.id)
