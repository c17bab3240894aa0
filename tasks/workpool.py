"""Names in the Prefect work pool (工作池名称): the pool, the desk's queue, and the queue of each worker that helps."""

from __future__ import annotations

POOL = "bureau"
# What staff and schedules start waits here, for whichever worker is free.
DESK = "default"
# What one worker is asked to help with waits in a queue of its own, so that the help goes where it was meant to go.
HELPING = "协助-"


def helping_queue(worker: str) -> str:
    """The queue in which a worker is asked for help (协助队列)."""
    return f"{HELPING}{worker}"
