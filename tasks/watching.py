"""The dead-man check (值守检查): what has not happened although it should have, seen from the database and one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from models.records import Cycle, Letter, StageDate
from models.states import CycleState, LetterKind, LetterState, Stage
from tasks import clock, settings, store
from tasks.stages import overview

# The other dates are marked done together with the stage that follows them.
MOVING = (
    Stage.NOTICE,
    Stage.SCORING,
    Stage.DRAW,
    Stage.REVIEW_BY,
    Stage.FEEDBACK,
    Stage.PUBLISH,
    Stage.RECTIFY,
    Stage.CLOSE,
)


# So many late runs are named in a letter.
MOST_TOLD = 10


@dataclass(frozen=True)
class Alarm:
    """Something that staff must look at (告警): its kind, which makes it one letter a day, and the words."""

    kind: str
    title: str
    what: str
    next_step: str
    details: tuple[tuple[str, str], ...] = ()


def alarms(last_advance: datetime | None) -> list[Alarm]:
    """What is wrong now (当前告警); none while no year is open. ``last_advance`` is when 推进年度工作 last succeeded."""
    found: list[Alarm] = []
    with store.session() as db:
        cycles = db.exec(
            select(Cycle).where(Cycle.state != CycleState.CLOSED).order_by(col(Cycle.fiscal_year).desc())
        ).all()
        if cycles:
            found += _silence(last_advance or cycles[0].opened_at)
            found += _letters(db)
            found += _to_bring(db)
        for cycle in cycles:
            found += _overdue(db, cycle)
        found += _not_opened(db)
        for cycle in cycles[1:]:
            found.append(_left_open(cycle))
    return found


def _silence(last: datetime) -> Iterator[Alarm]:
    allowed = timedelta(hours=settings.current().watch_hours)
    silent = clock.now() - last
    if silent > allowed:
        hours = int(silent.total_seconds() // 3600)
        yield Alarm(
            "silence",
            "推进年度工作没有按时运行",
            f"“推进年度工作”已有{hours}小时没有成功运行（允许{settings.current().watch_hours}小时）。",
            "请打开工作界面，查看“推进年度工作”最近的运行和工作进程是否在线；排除后手动运行一次，遗漏的事项会补办，不会重复发函。",
            (("最近一次成功", f"{last.astimezone(settings.current().zone):%Y-%m-%d %H:%M}"),),
        )


def _overdue(db: Session, cycle: Cycle) -> Iterator[Alarm]:
    """Stages whose date passed days ago and that are not done, with what they wait for (逾期未办的阶段)."""
    limit = clock.today() - timedelta(days=settings.current().watch_overdue_days)
    rows = db.exec(
        select(StageDate)
        .where(StageDate.cycle_id == cycle.id, col(StageDate.done_at).is_(None), StageDate.due_on <= limit)
        .order_by(col(StageDate.due_on))
    )
    late = [row for row in rows if row.stage in MOVING]
    if late:
        first = late[0]
        waits = overview.waiting_for(db, cycle)
        days = (clock.today() - first.due_on).days
        yield Alarm(
            f"overdue-{cycle.fiscal_year}-{first.stage}",
            f"{cycle.fiscal_year}年度“{first.stage.label}”逾期",
            f"{cycle.fiscal_year}年度“{first.stage.label}”应于{first.due_on}办理，已逾{days}天；目前处于“{cycle.state.label}”。",
            "请办理下列等待事项；没有等待事项的，请查看“推进年度工作”最近的运行记录。",
            tuple((f"等待事项{number}", words) for number, words in enumerate(waits, start=1)),
        )


def _not_opened(db: Session) -> Iterator[Alarm]:
    """Last year's evaluation has not been opened although an earlier one was (尚未建立年度)."""
    year = clock.today().year - 1
    known = db.exec(select(Cycle.fiscal_year)).all()
    if known and max(known) < year:
        yield Alarm(
            f"not-opened-{year}",
            f"{year}年度评价工作尚未建立",
            f"{year}年度评价工作尚未建立，各阶段不会自动开始。",
            "请准备部门名册，运行“建立年度评价工作”。",
        )


def _left_open(cycle: Cycle) -> Alarm:
    return Alarm(
        f"left-open-{cycle.fiscal_year}",
        f"{cycle.fiscal_year}年度尚未办结",
        f"{cycle.fiscal_year}年度评价工作仍处于“{cycle.state.label}”，而更近的年度已经建立。",
        f"“推进年度工作”每天仍会办理{cycle.fiscal_year}年度到期的事项；请在该年度的进度页上查看还在等谁，办理后即可办结。",
    )


def late(runs: Sequence[tuple[str, datetime]]) -> list[Alarm]:
    """Runs that are due and did not begin (没有按时开始的运行) as one alarm, once the first waits longer than allowed."""
    if not runs:
        return []
    waited = int((datetime.now(UTC) - min(due for _, due in runs)).total_seconds() // 60)
    if waited < settings.current().watch_late_minutes:
        return []
    zone = settings.current().zone
    return [
        Alarm(
            "late",
            "到点的环节没有开始办理",
            f"有{len(runs)}次到点的运行没有开始，最早的已等{waited}分钟；可能没有工作进程在线。",
            "请在 Work Pools 中查看 bureau 是否在线，或重新启动 jixiao up；恢复后会自动补办。",
            tuple((name, f"{due.astimezone(zone):%Y-%m-%d %H:%M}") for name, due in runs[:MOST_TOLD]),
        )
    ]


@dataclass(frozen=True)
class HeldUp:
    """A scheduled step that is due and was not done since (到点没有办成的环节): since when, how many of its runs were
    cancelled because another was at work, and the names of those at work."""

    step: str
    since: datetime
    cancelled: int
    at_work: tuple[str, ...] = ()


def held_up(steps: Sequence[HeldUp]) -> Iterator[Alarm]:
    """Scheduled steps that were not done for longer than allowed (到点没有办成的环节), one alarm for each."""
    allowed = settings.current().watch_step_hours
    zone = settings.current().zone
    for one in steps:
        if datetime.now(UTC) - one.since < timedelta(hours=allowed):
            continue
        happened = [f"{len(one.at_work)}次运行一直没有结束"] if one.at_work else []
        happened += [f"{one.cancelled}次到点的运行被取消"] if one.cancelled else []
        yield Alarm(
            f"held-up-{one.step}",
            f"“{one.step}”到点没有办成",
            f"“{one.step}”应于{one.since.astimezone(zone):%Y-%m-%d %H:%M}办理，超过{allowed}小时没有办成："
            f"{'，'.join(happened)}。",
            "请打开一直没有结束的运行，查看停在哪一步；确已停住的，在该运行的页面上取消，下次到点即自动补办。"
            if one.at_work
            else "请手动运行一次，遗漏的事项会补办。",
            tuple(("没有结束的运行", name) for name in one.at_work[:MOST_TOLD]),
        )


def _letters(db: Session) -> Iterator[Alarm]:
    """Approved letters that have been waiting for longer than a day (积压的待发函件); our own alerts aside."""
    before = clock.now() - timedelta(hours=settings.current().watch_hours)
    waiting = db.exec(
        select(Letter).where(
            Letter.state == LetterState.APPROVED,
            Letter.kind != LetterKind.STAFF_ALERT,
            col(Letter.composed_at) < before,
        )
    ).all()
    stuck = [letter for letter in waiting if letter.not_before is None or letter.not_before < before]
    if stuck:
        yield Alarm(
            "letters",
            "待发函件积压",
            f"有{len(stuck)}封已批准的函件超过{settings.current().watch_hours}小时没有发出。",
            "请运行“发送函件”并查看其运行记录；发信服务器不可用的，请联系信息部门。",
        )


def _to_bring(db: Session) -> Iterator[Alarm]:
    """Letters that nobody has brought, or recorded as brought, for longer than a day (积压的待送达函件)."""
    hours = settings.current().watch_hours
    query = select(Letter).where(
        Letter.state == LetterState.TO_DELIVER, col(Letter.composed_at) < clock.now() - timedelta(hours=hours)
    )
    waiting = db.exec(query).all()
    if waiting:
        yield Alarm(
            "letters-to-bring",
            "函件待另行送达",
            f"有{len(waiting)}封须由人送达的函件超过{hours}小时没有登记送达。",
            "请按“待送达函件”打印送达，送达后运行“登记送达”；部门已有可用邮箱的，运行“恢复邮件发送”。",
        )
