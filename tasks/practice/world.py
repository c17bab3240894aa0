"""The practice year's set-up (演练环境): settings, the roster and figures workbooks, and where the clock stands."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import select

from models import rules
from models.figures import BureauFigures
from models.records import Cycle
from models.states import ContactRole, Stage
from tasks import settings, store
from tasks.practice import post
from tasks.practice.county import load
from tasks.practice.county_approved import approved_projects
from tasks.practice.county_model import County, PracticeDepartment
from tasks.practice.people import World
from tasks.stages.cycle import stage_days
from tasks.writing.figures_workbook import write_figures_template
from tasks.writing.roster_workbook import RosterContact, RosterDepartment, write_roster_template
from tasks.writing.targets_workbook import ListedDepartment, write_targets_template

FISCAL_YEAR = 2025
RULESET = "practice-2025"
# The hour at which the practice year's day begins.
MORNING = time(8, 30)


class PracticeError(RuntimeError):
    """The practice year cannot go on here (演练无法继续); the message says why and what to do."""


@dataclass(frozen=True)
class Plan:
    """What a practice year was started with (演练参数); going on with others is refused."""

    departments: int
    seed: int
    real: str | None


@dataclass(frozen=True)
class RealDepartment:
    """A department that a real document names (真实材料中的部门), enrolled for the practice year only."""

    name: str
    files: tuple[Path, ...]


def configure(home: Path, smtp_port: int, county: County) -> settings.Settings:
    """Point this process at the practice year (设置演练环境) through the environment, as any installation is."""
    reviewers = ";".join(
        f"{person.name} <{person.address or f'fuhe{number}@qinghe.example'}>"
        for number, person in enumerate(county.bureau.reviewers, start=1)
    )
    leads = ";".join(f"{person.name} <{person.address}>" for person in county.bureau.leads)
    values = {
        "HOME": str(home.resolve()),
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(smtp_port),
        "SMTP_SECURITY": "none",
        "MAIL_FROM": county.bureau.address,
        "MAIL_FROM_NAME": f"{county.bureau.name}{county.bureau.office}",
        "MAIL_DOMAIN": county.bureau.address.rpartition("@")[2],
        "CONTACT_NAME": county.bureau.preparer.name,
        "REVIEWERS": reviewers,
        "REVIEW_LEADS": leads,
        "DROP_SETTLE_SECONDS": "0",
    }
    os.environ.update({f"JIXIAO_{name}": value for name, value in values.items()})
    settings.current.cache_clear()
    found = settings.current()
    post.prepare_mailbox(found.mailbox_folder)
    found.inbox_folder.mkdir(parents=True, exist_ok=True)
    return found


def world_of(county: County, found: settings.Settings) -> World:
    """The world in which the people act (演练环境)."""
    ruleset = rules.load(RULESET)
    deadline = stage_days(ruleset.calendar.dates(FISCAL_YEAR).model_dump())[Stage.SUBMIT_BY]
    return World(county, FISCAL_YEAR, found, deadline, {rule.label: rule.id for rule in ruleset.rules})


@contextlib.contextmanager
def sole_user(home: Path) -> Iterator[None]:
    """Make the folder and hold it for one run (占用演练目录). Two runs at once would each play the whole county.

    Raises PracticeError when the folder cannot be written or another run holds it.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / "practice.lock").open("a")
    except OSError as error:
        raise PracticeError(
            f"无法在 {home} 建立演练目录（{error.strerror}），请用 --home 指定一个可写的文件夹。"
            f" Cannot use {home} as the practice folder ({error.strerror}): name a writable one with --home."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PracticeError(
                f"目录 {home} 中已有一个演练正在运行，请等它结束，或用 --home 换一个目录。"
                f" A practice year is already running in {home}: wait for it, or name another --home."
            ) from error
        yield


def documents_folder(real: Path | None) -> Path | None:
    """The folder of real documents as a full path (真实材料目录); PracticeError when it is none."""
    if real is not None and not real.is_dir():
        raise PracticeError(
            f"--real 指定的 {real} 不是文件夹，请检查路径。 --real {real} is not a folder: check the path."
        )
    return real.resolve() if real else None


def refuse_real_office(county: County) -> None:
    """Never play in a database that holds another office's years (不在正式数据库中演练)."""
    with store.session() as db:
        others = [c for c in db.exec(select(Cycle)) if (c.county, c.ruleset_id) != (county.name, RULESET)]
    if others:
        raise PracticeError(
            f"业务数据库中已有{others[0].county}{others[0].fiscal_year}年度的评价工作，不能在其中演练；"
            "请用 --home 换一个目录，并取消 JIXIAO_DATABASE_URL。"
            " The database holds a real year; practise in another --home, without JIXIAO_DATABASE_URL."
        )


def remember_plan(home: Path, plan: Plan) -> None:
    """Note what the year was started with (记录演练参数); refuse to go on with something else."""
    note = home / "practice.json"
    if not note.exists():
        _write(note, {"plan": plan.__dict__, "day": None})
        return
    known = _read(note)["plan"]
    if known != plan.__dict__:
        raise PracticeError(
            f"目录 {home} 中的演练以另外的参数开始（{known}），请用相同参数继续，或换一个目录。"
            f" This folder was started with other options: use the same, or another --home."
        )


def last_day(home: Path) -> date | None:
    """The day on which the year was when it stopped (上次进行到的日期)."""
    day = _read(home / "practice.json")["day"]
    return date.fromisoformat(day) if day else None


def remember_day(home: Path, day: date) -> None:
    """Note the day that begins (记录当日)."""
    note = home / "practice.json"
    _write(note, _read(note) | {"day": day.isoformat()})


def _read(note: Path) -> dict[str, Any]:
    try:
        told = json.loads(note.read_text("utf-8"))
        return {"plan": told["plan"], "day": told["day"]}
    except (ValueError, KeyError, TypeError) as error:
        raise PracticeError(
            f"演练记录 {note} 已损坏，无法继续；请换一个目录重新演练。"
            f" The practice record {note} is damaged: start anew in another --home."
        ) from error


def _write(path: Path, content: dict[str, object]) -> None:
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    temporary.replace(path)


def morning(day: date, zone: ZoneInfo) -> datetime:
    """When a practice day begins (当日开始时刻)."""
    return datetime.combine(day, MORNING, tzinfo=zone)


def write_inputs(world: World, real: Sequence[RealDepartment]) -> tuple[Path, Path]:
    """Write the roster and the filled figures workbook (部门名册与财政数据) that the staff import; returns their paths."""
    folder = world.settings.folder("documents")
    roster, figures = folder / "部门名册.xlsx", folder / "财政数据（已填）.xlsx"
    entries = [_roster_entry(d) for d in world.county.departments]
    entries += [_real_entry(number, d) for number, d in enumerate(real, start=1)]
    roster.write_bytes(write_roster_template(tuple(entries), world.county.bureau.name))
    known: dict[str, BureauFigures] = {d.code: d.recorded_figures(world.fiscal_year) for d in world.county.departments}
    names = [(entry.code, entry.name) for entry in entries]
    figures.write_bytes(write_figures_template(world.fiscal_year, names, known, optional=True))
    return roster, figures


def write_right_figures(world: World, department: PracticeDepartment) -> Path:
    """Write a department's figures as they are right (更正的财政数据); returns the path of the workbook."""
    path = world.settings.folder("documents") / f"财政数据（更正）-{department.code}.xlsx"
    known = {department.code: department.figures(world.fiscal_year)}
    names = [(department.code, department.name)]
    path.write_bytes(write_figures_template(world.fiscal_year, names, known, optional=True))
    return path


def write_targets(world: World) -> Path:
    """Write the filled approval form (项目绩效目标批复表) that the staff import; returns its path."""
    path = world.settings.folder("documents") / "项目绩效目标批复表（已填）.xlsx"
    departments = [ListedDepartment(d.code, d.name) for d in world.county.departments]
    known = {d.code: approved_projects(d) for d in world.county.departments}
    path.write_bytes(write_targets_template(world.fiscal_year, departments, known, world.county.bureau.name))
    return path


def _roster_entry(department: PracticeDepartment) -> RosterDepartment:
    people = [(department.contact, ContactRole.HANDLER), (department.leader, ContactRole.LEADER)]
    return RosterDepartment(
        code=department.code,
        name=department.name,
        short_names=department.short_names,
        stratum=department.stratum,
        contacts=tuple(RosterContact(name=p.name, role=r, address=p.address) for p, r in people if p.address),
        projects=tuple(project.name for project in department.projects),
    )


def _real_entry(number: int, department: RealDepartment) -> RosterDepartment:
    code = f"R{number:02d}"
    contact = RosterContact(name="演练联系人", role=ContactRole.HANDLER, address=f"{code.lower()}@real.example")
    return RosterDepartment(code=code, name=department.name, stratum="真实材料", contacts=(contact,))


def county_of(plan: Plan) -> County:
    """The county of a practice year (演练县)."""
    return load(plan.departments, plan.seed)
