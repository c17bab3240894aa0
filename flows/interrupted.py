"""Runs whose process is gone (中断的运行): declared crashed, so that they hold nobody's place and somebody is told."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import prefect.runtime
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.events.filters import EventAnyResourceFilter, EventFilter, EventNameFilter, EventOccurredFilter
from prefect.states import Crashed

from flows.commands.worker import HEARTBEAT_SECONDS
from tasks import settings

# What a process was at when it ended. Scheduled runs wait on the server and harm nobody.
AT_WORK = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
STOPPED = "服务上次停止时本次运行中断，已办的事项不受影响，可再次运行。"
SILENT = "超过{minutes}分钟没有任何动静，判定为运行中断；已办的事项不受影响，可再次运行。"
HEARTBEAT = "prefect.flow-run.heartbeat"
# Whoever is alive gives a sign at least this often; two may get lost.
SECOND_LOOK_SECONDS = 3 * HEARTBEAT_SECONDS
PAGE, NEWEST = 200, 20


def declare() -> int:
    """Declare all crashed that are at work (判定上次停止时中断的运行) and return how many there were.

    Only right where no worker can be alive: a run that a worker is about to begin looks the same. Its place under a
    deployment's limit would otherwise stay taken and every later run of that step be cancelled unseen.
    """
    with get_client(sync_client=True) as client:
        return sum(_crash(client, run, STOPPED) for run in at_work(client))


def declare_silent(since: datetime | None = None, second_look: float = SECOND_LOOK_SECONDS) -> list[str]:
    """Declare crashed what is said to be at work and gives no sign of life (判定无动静的运行); the names of these runs.

    For runs that were killed before their first heartbeat, or while the server was down: the server's own rule waits for a
    heartbeat after a heartbeat. ``since`` is from when on nothing was heard (JIXIAO_SILENT_MINUTES ago). Nobody is declared
    dead while no run's heartbeat reaches the server at all, nor before ``second_look`` seconds have shown that a run stays
    silent: after the server was away, those who live need a moment to be heard. Clocks of other machines do not matter, as
    only the server's own times count.

    A silent run is left as it is while another one of the same step is at work. Prefect would give back that one's place.
    """
    allowed = settings.current().silent_minutes
    since = since or datetime.now(UTC) - timedelta(minutes=allowed)
    with get_client(sync_client=True) as client:
        suspects = list(_silent(client, since))
        if not suspects:
            return []
        # The server writes down what it hears some seconds later: the first sign of the run that looks would be missed now.
        time.sleep(second_look)
        if not _heard(client, since, event=EventNameFilter(name=[HEARTBEAT])):
            return []
        still = {run.id: run for run in _silent(client, since)}
        told = SILENT.format(minutes=allowed)
        return [run.name for run in suspects if run.id in still and _crash(client, still[run.id], told)]


def _silent(client: SyncPrefectClient, since: datetime) -> Iterator[FlowRun]:
    """Runs without a sign of life (无动静的运行), where no living one of the same step could lose its place."""
    runs = at_work(client)
    alive = {run.id for run in runs if _gives_signs(client, run, since)}
    own = prefect.runtime.flow_run.id
    busy = {run.deployment_id for run in runs if run.id in alive and str(run.id) != own}
    for run in runs:
        if run.id not in alive and str(run.id) != own and run.deployment_id not in busy:
            yield run


def _gives_signs(client: SyncPrefectClient, run: FlowRun, since: datetime) -> bool:
    """Whether a run began, or anything of it was heard, since then (是否有动静): heartbeats, its tasks, its worker."""
    if run.state is None or run.state.timestamp > since:
        return True
    return _heard(client, since, any_resource=EventAnyResourceFilter(id=[f"prefect.flow-run.{run.id}"]))


def _heard(client: SyncPrefectClient, since: datetime, **wanted: object) -> bool:
    """Whether events of this kind reached the server since then (是否收到事件), by the server's clock."""
    # Another machine's clock may be wrong by hours; when an event came in is not what the server can search for.
    day = timedelta(days=1)
    around = EventOccurredFilter(since=since - day, until=datetime.now(UTC) + day)
    page = client.read_events(EventFilter.model_validate({"occurred": around, **wanted}), limit=NEWEST)
    return any(event.received > since for event in page.events)


def at_work(client: SyncPrefectClient) -> Sequence[FlowRun]:
    """The runs that are said to be at work (在办的运行). Those without a deployment are looked after by who started them."""
    wanted = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=AT_WORK)))
    found: list[FlowRun] = []
    while page := client.read_flow_runs(flow_run_filter=wanted, limit=PAGE, offset=len(found)):
        found += page
    return [run for run in found if run.deployment_id is not None]


def _crash(client: SyncPrefectClient, run: FlowRun, sentence: str) -> bool:
    now = client.read_flow_run(run.id)
    if now.state is None or now.state.type not in AT_WORK:
        return False
    return client.set_flow_run_state(run.id, Crashed(message=sentence)).status is SetStateStatus.ACCEPT
