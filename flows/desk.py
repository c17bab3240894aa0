"""How a step behaves at the desk (办理方式): plain words when something is wrong, and lists that follow what was done."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast, get_type_hints

import prefect
from prefect import Flow
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.logging import get_run_logger
from prefect.states import Failed

from flows import plain_log

P = ParamSpec("P")
R = TypeVar("R")
# An error whose words are Chinese is meant for staff.
CHINESE = plain_log.CHINESE
# Our messages end with the same in English, for whoever maintains the system.
ENGLISH_TAIL = re.compile(r"(?<=[。；！？])\s+[A-Z][\x20-\x7e]*$")
UNFORESEEN = "程序出错，没有办成。请把本次运行的编号告诉系统维护人员；已办的事项不受影响，排除后可再次运行。"


def flow(**options: Any) -> Callable[[Callable[P, R]], Flow[P, R]]:
    """Prefect's ``flow`` for the desk (环节): an error ends the run with one Chinese sentence instead of a traceback.

    Called from Python, the step raises the error itself as before. A run that a deployment started brings the lists of
    all forms up to date when it ends.
    """

    # A process that loads a step is about to run it, and the engine speaks before the step does.
    plain_log.attach()

    def decorate(step: Callable[P, R]) -> Flow[P, R]:
        @functools.wraps(step)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return step(*args, **kwargs)
            except Exception as error:  # noqa: BLE001  whatever it is, the run ends with a sentence
                return cast(R, failed(error))
            finally:
                _follow()

        # Prefect reads the form from the annotation, and would look for its name in this module.
        run.__annotations__ = get_type_hints(step)
        run.__signature__ = inspect.signature(step, eval_str=True)  # type: ignore[attr-defined]
        return cast("Flow[P, R]", prefect.flow(run, **options))

    return decorate


def failed(error: Exception) -> State[Any]:
    """The end of a run that could not do its work (没有办成): the error's own words where they are meant for staff."""
    said = str(error)
    if CHINESE.search(said):
        return Failed(data=error, message=ENGLISH_TAIL.sub("", said))
    get_run_logger().error("程序出错：%s", error, exc_info=error)
    return Failed(data=error, message=UNFORESEEN)


def _follow() -> None:
    """Let the forms offer what there is now, when a person or a schedule started this run."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or context.flow_run.deployment_id is None:
        return
    from flows import offering

    offering.refresh_quietly()
