"""Asking other workers for help (请求协助): who is there, one run in each one's own queue, and calling off what came too late.

Help is never needed: whatever Prefect cannot say or do just now leaves the work to the run that asked.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import cast
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, WorkerStatus
from prefect.deployments import run_deployment
from prefect.exceptions import PrefectException
from prefect.logging import get_run_logger
from prefect.states import Cancelled

from models.states import SharedStep
from tasks import settings
from tasks.workpool import POOL, helping_queue

HELP = "协助办理/89 协助办理"


def helpers(step: SharedStep, count: int) -> list[str]:
    """The queues of the workers that can help just now (可协助的队列), each as often as it takes work at a time."""
    found = settings.current()
    enough = {SharedStep.READ: found.share_reading_from, SharedStep.SCORE: found.share_scoring_from}[step]
    own = os.environ.get("PREFECT__WORKER_NAME")
    if not own or not enough or count < enough:
        return []
    try:
        with get_client(sync_client=True) as client:
            workers = client.read_workers_for_work_pool(POOL)
            limits = {queue.name: queue.concurrency_limit for queue in client.read_work_queues(POOL)}
    except (PrefectException, httpx.HTTPError) as error:
        get_run_logger().warning("不能查询其他工作进程，由本进程独自办理：%s", error)
        return []
    online = sorted(w.name for w in workers if w.status is WorkerStatus.ONLINE and helping_queue(w.name) in limits)
    # This run is already one of those that its own worker's machine has room for.
    room = {name: (limits[helping_queue(name)] or 1) - (name == own) for name in online}
    turns = range(max(room.values(), default=0))
    return [helping_queue(name) for turn in turns for name in online if room[name] > turn]


def ask(step: SharedStep, fiscal_year: int, lot: str, size: int, queues: Sequence[str]) -> list[UUID]:
    """Ask workers for help (请求协助): one run in each queue. Without an answer the step goes on alone."""
    form = {"fiscal_year": fiscal_year, "step": step.label, "lot": lot, "size": size}
    asked: list[UUID] = []
    for queue in queues:
        name = f"{fiscal_year}年度-协助{step.label}-{queue}"
        try:
            made = run_deployment(HELP, parameters={"form": form}, timeout=0, work_queue_name=queue, flow_run_name=name)
        except (PrefectException, httpx.HTTPError, ValueError) as error:
            get_run_logger().warning("未能请%s协助，由其他进程办理：%s", queue, error)
            continue
        asked.append(cast(FlowRun, made).id)
    if asked:
        get_run_logger().info("已请%s个工作进程协助%s。", len(asked), step.label)
    return asked


def dismiss(asked: Sequence[UUID]) -> None:
    """Call off help that has not started (取消尚未开始的协助); whoever is at work finds nothing more and ends."""
    try:
        with get_client(sync_client=True) as client:
            for run_id in asked:
                run = client.read_flow_run(run_id)
                if run.state is not None and run.state.is_scheduled():
                    client.set_flow_run_state(run_id, Cancelled(message="已由其他工作进程办完。"))
    except (PrefectException, httpx.HTTPError) as error:
        # Started after all, it finds nothing to do.
        get_run_logger().debug("协助运行未能取消：%s", error)
