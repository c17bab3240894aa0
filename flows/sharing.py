"""Carrying out a step department by department (逐个部门办理): alone, or with the help of other workers when there is much.

The step's own run works along and takes over what a helper leaves, so help is never needed for the step to end.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import prefect.runtime
from prefect import State, Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.logging import get_run_logger

from flows import asking
from flows.desk import CHINESE
from models.states import SharedStep
from tasks import settings
from tasks.stages import sharing
from tasks.stages.sharing import Part

# The UI lists so many task runs comfortably; beyond that a task run stands for a batch of departments.
MOST_TASK_RUNS = 1000
BY_ITSELF = "办理中断"

# A department's rows for the step's table, as they come; and whom to tell a department's result.
Doing = Callable[[int, Part], Iterator[dict[str, Any]]]
Told = Callable[[Part, dict[str, Any]], None]


@dataclass(frozen=True)
class Work:
    """What a step does with a department (环节的办理内容): in task runs of its own, and the same inside a batch's."""

    step: SharedStep
    shown: Doing
    plain: Doing


@dataclass
class Carried:
    """What came of it (办理结果): rows for the step's table, and why a department could not be done."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    error: Exception | None = None

    def gather(self, part: Part, result: dict[str, Any]) -> None:
        """Take in a department's result (汇总结果)."""
        self.rows += result.get("rows", [])
        if "broken" in result:
            self.broken[part.label] = result["broken"]


def may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry only what may pass by itself (仅重试暂时性故障): a file or a rule that is wrong stays wrong."""
    return sharing.may_pass(state.result(raise_on_failure=False))


def carry_out(work: Work, fiscal_year: int, parts: Sequence[Part]) -> Carried:
    """Do a step for all its departments (办理各部门), sharing it when there are enough of them and other workers."""
    size = 1 if len(parts) <= MOST_TASK_RUNS else settings.current().batch_size
    lot = _lot(work.step, fiscal_year)
    helpers = asking.helpers(work.step, len(parts))
    carried = Carried()
    if not helpers:
        for start in range(0, len(parts), size):
            _work_off(work, fiscal_year, parts[start : start + size], carried, carried.gather)
        return carried
    if work.step is SharedStep.SCORE:
        sharing.clear_away(f"{work.step.value}-{fiscal_year}-", but=lot)
    sharing.open_lot(lot, parts)
    asked = asking.ask(work.step, fiscal_year, lot, size, helpers[: len(parts) - 1])
    try:
        work_along(work, fiscal_year, lot, size, to_the_end=True, carried=carried)
    finally:
        asking.dismiss(asked)
    found = sharing.results(lot, parts)
    for part in parts:
        carried.gather(part, found.get(part.subject, {"broken": BY_ITSELF}))
    sharing.close_lot(lot, parts)
    return carried


def work_along(
    work: Work, fiscal_year: int, lot: str, size: int, *, to_the_end: bool = False, carried: Carried | None = None
) -> int:
    """Take departments off a list and do them until none is free (领取并办理); returns how many."""
    done = 0
    for batch in sharing.hand_out(lot, _holder(), size, to_the_end=to_the_end):
        _work_off(
            work, fiscal_year, batch, carried or Carried(), lambda part, what: sharing.finish(lot, part.subject, what)
        )
        done += len(batch)
    return done


def _work_off(work: Work, fiscal_year: int, batch: Sequence[Part], carried: Carried, told: Told) -> None:
    """Do a batch (办理一批), telling each department's result as soon as it is there."""
    if len(batch) == 1:
        told(batch[0], _one(work.shown, fiscal_year, batch[0], carried))
        return

    def each() -> None:
        for part in batch:
            told(part, _one(work.plain, fiscal_year, part, carried))

    _one_batch(f"{work.step.label}-{batch[0].label}等{len(batch)}个部门", each)


@task(name="办理一批部门", task_run_name="{name}", cache_policy=NO_CACHE)
def _one_batch(name: str, do: Callable[[], None]) -> None:
    do()


def _one(do: Doing, fiscal_year: int, part: Part, carried: Carried) -> dict[str, Any]:
    """Do one department (办理一个部门). One that cannot be done never stops the others; it is told by name."""
    rows: list[dict[str, Any]] = []
    try:
        for row in do(fiscal_year, part):
            rows.append(row)
    except Exception as error:  # noqa: BLE001  whatever it is, the step says which department it was
        plain = CHINESE.search(str(error))
        get_run_logger().error("%s未能办理：%s", part.label, error, exc_info=None if plain else error)
        carried.error = carried.error or error
        return {"rows": rows, "broken": str(error)}
    return {"rows": rows}


def _lot(step: SharedStep, fiscal_year: int) -> str:
    """The name of the list (分办批号). What is unread is unread whichever run reads it; a scoring is each run's own."""
    run = f"-{prefect.runtime.flow_run.id}" if step is SharedStep.SCORE else ""
    return f"{step.value}-{fiscal_year}{run}"


def _holder() -> str:
    return f"{os.environ.get('PREFECT__WORKER_NAME', '')}/{prefect.runtime.flow_run.id}"
