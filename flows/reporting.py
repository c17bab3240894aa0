"""What staff see of a run (运行结果展示): one table or a few lines in the Prefect UI, and a state that says how it went."""

from __future__ import annotations

import base64
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, get_type_hints

from prefect.artifacts import ImageArtifact, TableArtifact
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed
from pydantic import BaseModel

from flows import desk, pages
from flows.plainly import in_table, on_page
from tasks.lookup import UnknownCycleError
from tasks.stages import choices

F = TypeVar("F", bound=BaseModel)
# The name of the state of a run that found nothing to do; the heartbeat rule knows it.
IDLE = "无需办理"


def show_table(key: str, title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Show rows as a table (表格). Departments' words stay words: one of the pages renders Markdown."""
    if rows:
        table = [{str(k): in_table(v) for k, v in row.items()} for row in rows]
        pages.put_up(TableArtifact(key=key, description=title, table=table))


def show_text(key: str, title: str, sentences: Sequence[str]) -> None:
    """Show sentences as a list (文字说明)."""
    lines = "\n".join(f"- {on_page(s)}" for s in sentences) or "无。"
    pages.text(key, title, f"### {title}\n\n{lines}\n")


def show_picture(key: str, title: str, svg: str) -> None:
    """Show a picture that the page needs nothing else for (图)."""
    held = base64.b64encode(svg.encode()).decode()
    pages.put_up(ImageArtifact(key=key, description=title, image_url=f"data:image/svg+xml;base64,{held}"))


def once_opened(step: Callable[[F], State[Any]]) -> Callable[[F], State[Any]]:
    """For steps that a schedule starts (定时环节): without a year they serve every open year, oldest first.

    A year that fails does not keep the next from its turn. Before a year is opened there is nothing to do, and nothing is
    wrong.
    """

    @functools.wraps(step)
    def run(form: F) -> State[Any]:
        years = [] if "fiscal_year" in form.model_fields_set else choices.open_years()
        if not years:
            return _serve(step, form)
        states = {year: _in_turn(step, form, year, alone=len(years) == 1) for year in years}
        return next(iter(states.values())) if len(states) == 1 else _together(states)

    # Prefect reads a form from its annotation, and would look for the name of the type in this module.
    run.__annotations__ = get_type_hints(step)
    run.__signature__ = inspect.signature(step, eval_str=True)  # type: ignore[attr-defined]
    return run


def _in_turn(step: Callable[[F], State[Any]], form: F, year: int, *, alone: bool) -> State[Any]:
    """One year's turn (逐年办理). What goes wrong in it ends its turn; with no other year, the run."""
    told = form.model_copy(update={"fiscal_year": year})
    try:
        return _serve(step, told)
    except Exception as error:
        if alone:
            raise
        return desk.failed(error)


def _serve(step: Callable[[F], State[Any]], form: F) -> State[Any]:
    try:
        return step(form)
    except UnknownCycleError as error:
        return nothing_to_do(str(error).partition("。")[0] + "。")


def _together(states: Mapping[int, State[Any]]) -> State[Any]:
    """One end for several years (多年度结果): failed if one of them failed."""
    told = "".join(f"{year}年度：{state.message or ''}" for year, state in states.items())
    if any(not state.is_completed() for state in states.values()):
        return Failed(message=told)
    idle = all(state.name == IDLE for state in states.values())
    return nothing_to_do(told) if idle else done(told)


def say(sentence: str) -> None:
    """A sentence for the run's log (运行日志), where staff read what is going on."""
    get_run_logger().info("%s", sentence)


def done(message: str) -> State[Any]:
    """A finished run with a sentence (完成)."""
    return Completed(message=message)


def partly(message: str) -> State[Any]:
    """A run that finished while single departments could not be handled (部分完成)."""
    return Completed(name="部分完成", message=message)


def nothing_to_do(message: str) -> State[Any]:
    """A run that found nothing to do (无需办理)."""
    return Completed(name=IDLE, message=message)
