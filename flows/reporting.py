"""What staff see of a run (运行结果展示): one table or a few lines in the Prefect UI, and a state that says how it went."""

from __future__ import annotations

import functools
import html
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, get_type_hints

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.lookup import UnknownCycleError

F = TypeVar("F")


def show_table(key: str, title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Show rows as a table (表格). Departments' words are escaped because the page renders inline HTML."""
    if rows:
        table = [{str(k): _shown(v) for k, v in row.items()} for row in rows]
        create_table_artifact(table=table, key=key, description=title)


def show_text(key: str, title: str, sentences: Sequence[str]) -> None:
    """Show sentences as a list (文字说明)."""
    lines = "\n".join(f"- {_shown(s)}" for s in sentences) or "无。"
    create_markdown_artifact(markdown=f"### {title}\n\n{lines}\n", key=key, description=title)


def _shown(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, list | tuple):
        return "、".join(_shown(v) for v in value) or "—"
    return html.escape(str(value))


def once_opened(step: Callable[[F], State[Any]]) -> Callable[[F], State[Any]]:
    """For steps that a schedule starts (定时环节): before the year is opened there is nothing to do, and nothing is wrong."""

    @functools.wraps(step)
    def run(form: F) -> State[Any]:
        try:
            return step(form)
        except UnknownCycleError as error:
            return nothing_to_do(str(error))

    # Prefect reads a form from its annotation, and would look for the name of the type in this module.
    run.__annotations__ = get_type_hints(step)
    run.__signature__ = inspect.signature(step, eval_str=True)  # type: ignore[attr-defined]
    return run


def done(message: str) -> State[Any]:
    """A finished run with a sentence (完成)."""
    return Completed(message=message)


def partly(message: str) -> State[Any]:
    """A run that finished while single departments could not be handled (部分完成)."""
    return Completed(name="部分完成", message=message)


def nothing_to_do(message: str) -> State[Any]:
    """A run that found nothing to do (无需办理)."""
    return Completed(name="无需办理", message=message)
