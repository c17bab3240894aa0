"""The people of the practice year (演练人物): departments that read their letters and answer, reviewers who review.

They know only what arrived as a letter on an earlier day; what they send are real mails and files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from models.states import LetterKind
from tasks.mail import token
from tasks.practice import paperpost, people_reviews, people_wishes, post
from tasks.practice.catcher import Caught, letters
from tasks.practice.county_model import County, PracticeDepartment
from tasks.practice.county_story import Attempt, Channel, RemediationStep, When
from tasks.practice.reports import write_remediation_reply, write_submission
from tasks.reading import read_file
from tasks.settings import Settings

SENT = "sent"
# Letters by department code and kind.
Pigeonholes = Mapping[tuple[str, str], Sequence[Caught]]


@dataclass(frozen=True)
class World:
    """Where the practice year takes place (演练环境)."""

    county: County
    fiscal_year: int
    settings: Settings
    deadline: date
    rule_ids: dict[str, str]  # the rubric line's label -> the rule's id
    post: Pigeonholes | None = None  # the letters by addressee, looked through once for all who read theirs today

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the invented departments (演练部门代码)."""
        return frozenset(d.code for d in self.county.departments)

    @property
    def outgoing(self) -> Path:
        """Where the mail server files the letters (函件归档目录)."""
        return self.settings.home / "mail" / "out"

    @property
    def counter(self) -> Path:
        """Where letters lie that were brought on paper (送达的纸质函件目录)."""
        return self.settings.home / "mail" / "paper"

    @property
    def drafts(self) -> Path:
        """Where departments keep what they are about to send (部门文稿目录)."""
        return self.settings.folder("practice")

    def letters_to(self, code: str, kind: LetterKind, today: date) -> list[Caught]:
        """The letters of a kind that reached a department before today (已收到的函件), oldest first."""
        post = self.sorted_post() if self.post is None else self.post
        found = [c for c in post.get((code, kind.value), ()) if c.day < today]
        return sorted(found, key=lambda c: (c.day, c.number))

    def sorted_post(self) -> Pigeonholes:
        """All letters that reached somebody (全部已送达的函件), by department and kind."""
        found: dict[tuple[str, str], list[Caught]] = {}
        for letter in (*letters(self.outgoing), *paperpost.letters(self.counter)):
            found.setdefault((letter.code, letter.kind), []).append(letter)
        return found

    def mailed(self, kinds: Collection[str], today: date) -> list[Caught]:
        """The mails of some kinds that arrived before today (某类已收到的邮件), to whomever they went."""
        return [c for c in letters(self.outgoing) if c.kind in kinds and c.day < today]


def act(world: World, today: date) -> list[str]:
    """Everything the people do today or should have done before (当日活动); returns what was done, in Chinese."""
    done: list[str] = []
    # Nothing arrives while they act: who reads a letter today looks it up, nobody looks through everybody's.
    world = replace(world, post=world.sorted_post())
    for department in world.county.departments:
        done += people_wishes.ask(world, department, today)
        done += _submit(world, department, today)
        done += _remediate(world, department, today)
    done += people_reviews.review(world, today)
    return done


def next_day(world: World, today: date) -> date | None:
    """The next day on which somebody will do something (下一次有人行动的日期), from the letters known by now."""
    world = replace(world, post=world.sorted_post())
    days = [
        day
        for department in world.county.departments
        for day in (*_sending_days(world, department).values(), *_remediation_days(world, department).values())
    ]
    days += [day for department in world.county.departments for day in people_wishes.days(world, department)]
    days += people_reviews.days(world)
    return min((day for day in days if day > today), default=None)


def _sending_days(world: World, department: PracticeDepartment, today: date = date.max) -> dict[int, date]:
    """When each attempt is sent (各次报送日期), as far as the letters that decide it have arrived."""
    notices = world.letters_to(department.code, LetterKind.NOTICE, today)
    days: dict[int, date] = {}
    for attempt in department.story.attempts if notices else ():
        day = _sending_day(world, department, attempt, notices[0].day, days, today)
        if day is None:
            break
        days[attempt.number] = day
    return days


def _sending_day(
    world: World, department: PracticeDepartment, attempt: Attempt, noticed: date, days: dict[int, date], today: date
) -> date | None:
    later = timedelta(days=attempt.days)
    if attempt.after is When.NOTICE:
        return noticed + later
    if attempt.after is When.DEADLINE:
        return world.deadline + later
    if attempt.after is When.PREVIOUS:
        return days[attempt.number - 1] + later
    if attempt.after is When.RETURNED:
        returned = world.letters_to(department.code, LetterKind.CORRECTION, today)
        return returned[0].day + later if returned else None
    raise ValueError(f"{department.name}: 报送不能以“{attempt.after}”计日")


def _submit(world: World, department: PracticeDepartment, today: date) -> Iterator[str]:
    for number, day in _sending_days(world, department, today).items():
        if day > today:
            continue
        attempt = department.attempt(number)
        folder = world.drafts / department.code / f"attempt-{number}"
        if _is_sent(folder):
            continue
        files = write_submission(department, world.fiscal_year, number, folder)
        sent = _send(world, department, attempt, files)
        _note_sent(folder)
        if sent:
            yield f"{department.name}第{number}次报送（{'邮件' if attempt.channel is Channel.MAILBOX else '文件夹'}）"


def _is_sent(folder: Path) -> bool:
    """Whether what was drafted in this folder has been sent (是否已投递); makes the folder for a first draft."""
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / SENT).exists()


def _note_sent(folder: Path) -> None:
    """Note that it was sent (记录已投递). Killed just before this, it is drafted again and found in the mailbox."""
    (folder / SENT).touch()


def _send(world: World, department: PracticeDepartment, attempt: Attempt, files: Sequence[Path]) -> bool:
    if attempt.channel is Channel.DROP_FOLDER:
        return post.drop_in(world.settings.inbox_folder, f"{department.code}/{attempt.number}", files)
    address = attempt.sender or department.contact.address
    assert address is not None
    return post.mail_in(
        world.settings.mailbox_folder,
        f"{world.fiscal_year}.{department.code}.attempt.{attempt.number}",
        sender=(department.contact.name, address),
        to=world.settings.mail_from,
        subject=f"{token.make(world.fiscal_year, department.code)}报送{world.fiscal_year}年度绩效自评材料",
        text=attempt.letter,
        files=files,
    )


def _remediation_days(world: World, department: PracticeDepartment, today: date = date.max) -> dict[int, date]:
    notices = world.letters_to(department.code, LetterKind.RECTIFICATION, today)
    days: dict[int, date] = {}
    for step in department.remediation if notices else ():
        day = _remediation_day(world, department, step, notices[0].day, days, today)
        if day is None:
            break
        days[step.number] = day
    return days


def _remediation_day(
    world: World,
    department: PracticeDepartment,
    step: RemediationStep,
    noticed: date,
    days: dict[int, date],
    today: date,
) -> date | None:
    later = timedelta(days=step.days)
    if step.after is When.NOTICE:
        return noticed + later
    if step.after is When.RETURNED:
        returned = world.letters_to(department.code, LetterKind.RECTIFICATION_RETURNED, today)
        return returned[0].day + later if returned else None
    if step.after in (When.PLANNED, When.PREVIOUS, When.EXTENSION):
        # An extension is asked for in the reply before; the bureau's verdict comes with the next reminder at the latest.
        return days[step.number - 1] + later if step.number - 1 in days else noticed + later
    raise ValueError(f"{department.name}: 整改反馈不能以“{step.after}”计日")


def _remediate(world: World, department: PracticeDepartment, today: date) -> Iterator[str]:
    for number, day in _remediation_days(world, department, today).items():
        if day > today:
            continue
        notice = world.letters_to(department.code, LetterKind.RECTIFICATION, today)[0]
        folder = world.drafts / department.code / f"remediation-{number}"
        if _is_sent(folder):
            continue
        items = _items(notice, folder)
        files = write_remediation_reply(department, items, number, folder, notice.day)
        sent = _send_remediation(world, department, number, files)
        _note_sent(folder)
        if sent:
            yield f"{department.name}第{number}次整改报告"


def _send_remediation(world: World, department: PracticeDepartment, number: int, files: Sequence[Path]) -> bool:
    if department.contact.address is None:
        return post.drop_in(world.settings.inbox_folder, f"{department.code}/整改/{number}", files)
    return post.mail_in(
        world.settings.mailbox_folder,
        f"{world.fiscal_year}.{department.code}.remediation.{number}",
        sender=(department.contact.name, department.contact.address),
        to=world.settings.mail_from,
        subject=f"{token.make(world.fiscal_year, department.code, token.Purpose.RECTIFICATION)}整改情况报告",
        text="现将我单位绩效评价问题整改情况报上，请审核。",
        files=files,
    )


def _items(notice: Caught, folder: Path) -> tuple[tuple[int, str], ...]:
    """The items in the form that came with the remediation notice (整改通知所附事项): number and problem."""
    for name, content in attachments(notice):
        if name.endswith(".docx"):
            form = folder / "form.docx"
            form.write_bytes(content)
            tables = read_file(form).documents[0].tables()
            rows = [[cell.text.strip() if cell else "" for cell in row] for t in tables for row in t.owners()]
            return tuple((int(row[0]), row[1]) for row in rows if len(row) > 1 and row[0].isdigit())
    return ()


def attachments(letter: Caught) -> list[tuple[str, bytes]]:
    """A letter's attachments (函件附件): name and content."""
    return letter.attachments()
