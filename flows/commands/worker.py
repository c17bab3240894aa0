"""``jixiao worker``: one worker on this machine (工作进程), for the desk and for helping, or for helping only."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

from flows.commands import environment
from tasks import server, store
from tasks.workpool import DESK, POOL, helping_queue

# A sign of life that the heartbeat automation expects, and a look for work every so many seconds.
HEARTBEAT_SECONDS = 30
ENVIRONMENT = {
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
    "PREFECT_WORKER_QUERY_SECONDS": "5",
    # A worker's words about processes are not for the log of a run; the run itself speaks (flows/plain_log.py).
    "PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL": "WARNING",
}


def worker(home: Path, name: str, limit: int, helpers: int, only_help: bool) -> NoReturn:
    """Become a Prefect worker (启动工作进程): of the desk's queue, unless ``only_help``, and of a queue of its own.

    ``helpers`` is how many runs at a time it takes for others. Raises ServerError when the server does not answer.
    """
    environment.enter(home)
    for variable, value in (server.QUIET | ENVIRONMENT).items():
        os.environ.setdefault(variable, value)
    if not os.environ.get("PREFECT_API_URL"):
        raise server.ServerError(
            "没有设置 PREFECT_API_URL，不知道接到哪个工作流服务；单机请用 jixiao up。"
            " PREFECT_API_URL is not set: name the server, or use jixiao up on a single machine."
        )
    store.migrate()
    called = name or socket.gethostname()
    open_queue(called, helpers)
    words = words_for(called, limit, desk=not only_help)
    os.chdir(home)
    # It is Prefect's worker from here on: a signal reaches it, and its end is the end of this command.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "prefect", *words])  # noqa: S606  our own words, no shell


def words_for(name: str, limit: int, *, desk: bool = True, helping: bool = True) -> list[str]:
    """What makes Prefect start such a worker (启动参数)."""
    queues = [DESK] * desk + [helping_queue(name)] * helping
    listening = [word for queue in queues for word in ("--work-queue", queue)]
    return ["worker", "start", "--pool", POOL, "--name", name, "--limit", str(limit), *listening]


def open_queue(name: str, helpers: int) -> None:
    """Make the queue in which this worker is asked for help (建立协助队列), or set how many at a time it takes."""
    import httpx
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound, PrefectException

    told = f"请工作进程“{name}”协助办理的事项；并发数为它同时协助的个数。"
    queue = helping_queue(name)
    with get_client(sync_client=True) as client:
        try:
            known = {one.name: one.id for one in client.read_work_queues(POOL)}
            if queue in known:
                client.update_work_queue(known[queue], concurrency_limit=helpers, description=told)
            else:
                client.create_work_queue(queue, told, concurrency_limit=helpers, work_pool_name=POOL)
        except ObjectNotFound:
            raise server.ServerError(
                f"服务上还没有工作池 {POOL}，请先运行一次 jixiao register。 Run jixiao register once first."
            ) from None
        except (PrefectException, httpx.HTTPError) as error:
            raise server.ServerError(
                f"工作流服务 {os.environ['PREFECT_API_URL']} 没有应答或者拒绝登录（{type(error).__name__}），"
                "请核对 PREFECT_API_URL、PREFECT_API_AUTH_STRING 和网络。"
                " The Prefect server does not answer or refuses the login."
            ) from error
