"""演练: a whole practice year through the real flows, on real files and real servers, with a clock that walks."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from models.states import CycleState, Stage
from tasks import clock, lookup, server, store
from tasks.practice import catcher, people, real, world
from tasks.practice.people import World

FIRST_DAY_BEFORE_NOTICE = timedelta(days=3)
# What the leader names as the seed of the draw. With the default county it draws a department of every deviation band.
DRAW_SEED = "{county}-{seed}-7"
# A year that has not closed by then has a fault worth looking at.
LAST_DAY = timedelta(days=500)
# A step that fails on so many days in a row will not mend by itself.
MOST_TROUBLES = 3


def run(home: Path, *, departments: int, seed: int, real: Path | None) -> int:
    """Run or go on with a practice year (演练); 0 when it reached its end."""
    console = Console()
    # A polite kill leaves through the same doors as Ctrl-C, so that the server is stopped too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    documents = world.documents_folder(real)
    plan = world.Plan(departments, seed, str(documents) if documents else None)
    with world.sole_user(home):
        return _play(home, plan, console)


def _play(home: Path, plan: world.Plan, console: Console) -> int:
    world.remember_plan(home, plan)
    county = world.county_of(plan)
    server.prepare_environment(home)
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    with catcher.catching(home / "mail" / "out") as port:
        found = world.configure(home, port, county)
        store.migrate()
        world.refuse_real_office(county)
        console.print(f"[bold]清禾县{world.FISCAL_YEAR}年度预算绩效评价演练[/]，数据目录 {home.resolve()}")
        with console.status("正在启动工作流服务……"), contextlib.ExitStack() as stack:
            address = stack.enter_context(server.running(home, meanwhile=_load_flows))
            later = stack.pop_all()
        with later, _quiet_engine():
            console.print(f"工作流界面 {address.removesuffix('/api')}")
            state = _walk(world.world_of(county, found), plan, console)
            _flush_logs()
    from flows import practice_report

    practice_report.show(console, home, world.FISCAL_YEAR)
    return 0 if state is CycleState.CLOSED else 1


def _load_flows() -> None:
    """Load what the year needs (载入各环节) while the server starts; both take seconds."""
    from flows import advance_cycle, practice_clerk, show_board  # noqa: F401


def _walk(where: World, plan: world.Plan, console: Console) -> CycleState:
    """Walk through the year day by day (逐日推进), going on where it stopped."""
    from flows import practice_clerk
    from flows.advance_cycle import advance_cycle
    from flows.forms import YearForm
    from flows.show_board import show_board

    form = YearForm(fiscal_year=where.fiscal_year)
    if plan.real:
        console.print("正在读取真实材料，看各属于哪个部门……")
    named, unnamed = real.departments_named(Path(plan.real)) if plan.real else ([], [])
    start = _start(where)
    day = world.last_day(where.settings.home) or start
    clock.set_now(world.morning(day, where.settings.zone))
    roster, figures = world.write_inputs(where, named)
    practice_clerk.start_year(where, roster, figures, world.RULESET)
    if plan.real:
        real.submit(where, named, unnamed)
    troubles = 0
    with _progress(console) as progress:
        bar = progress.add_task("准备", total=(_date(where, Stage.CLOSE) - start).days)
        while day <= start + LAST_DAY:
            world.remember_day(where.settings.home, day)
            clock.set_now(world.morning(day, where.settings.zone))
            people.act(where, day)
            advanced = advance_cycle(form, return_state=True)
            # What a person decides in the morning goes out on the same day.
            while practice_clerk.work(where, DRAW_SEED.format(county=where.county.name, seed=plan.seed)):
                advanced = advance_cycle(form, return_state=True)
            troubles = 0 if advanced.is_completed() else troubles + 1
            if troubles:
                progress.console.print(f"[red]{day}[/] {advanced.message}", soft_wrap=True)
            if troubles >= MOST_TROUBLES:
                raise world.PracticeError("演练连续多日未能推进，原因见上；排除后用同一命令继续。")
            state = _state(where)
            progress.update(bar, completed=(day - start).days, description=f"{day} {state.label}")
            if state is CycleState.CLOSED:
                break
            day = _next_day(where, day)
    show_board(form, return_state=True)
    return state


def _start(where: World) -> date:
    from models import rules

    return rules.load(world.RULESET).calendar.dates(where.fiscal_year).notice - FIRST_DAY_BEFORE_NOTICE


def _date(where: World, stage: Stage) -> date:
    with store.session() as db:
        return lookup.stage_dates(db, lookup.cycle_of(db, where.fiscal_year))[stage].due_on


def _state(where: World) -> CycleState:
    with store.session() as db:
        return lookup.cycle_of(db, where.fiscal_year).state


def _next_day(where: World, day: date) -> date:
    """The next day worth looking at (下一个工作日期): a stage's date, a reminder, or somebody acting; the days between are skipped."""
    from tasks.stages import agenda_days

    days = [people.next_day(where, day), *agenda_days.coming(where.fiscal_year, day)]
    return min((d for d in days if d is not None and d > day), default=day + timedelta(days=1))


@contextlib.contextmanager
def _quiet_engine() -> Iterator[None]:
    """Run flows without a heartbeat thread each (a second per flow run) and without their log on the console."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


def _flush_logs() -> None:
    """Let the log reach the server before it is stopped."""
    from prefect.logging.handlers import APILogWorker

    APILogWorker.drain_all(timeout=5)


@contextlib.contextmanager
def _progress(console: Console) -> Iterator[Progress]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        yield progress
