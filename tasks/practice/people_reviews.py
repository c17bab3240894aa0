"""The reviewers of the practice county and who settles (演练复核人员): they fill the workbooks that came with their letters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from models.states import LetterKind
from tasks.mail import token
from tasks.practice import post
from tasks.practice.catcher import Caught
from tasks.practice.county_model import PracticeDepartment
from tasks.writing.review_workbook import fill_review_workbook
from tasks.writing.settlement_workbook import fill_settlement_workbook

if TYPE_CHECKING:
    from tasks.practice.people import World

Scores = dict[str, tuple[Decimal, str, str]]

# What a letter of each kind is called in the folders of what was sent, and after how many days it is answered.
_PARTS = {
    LetterKind.REVIEW_TASK.value: ("review", 9),
    LetterKind.SECOND_REVIEW_TASK.value: ("second-review", 9),
    LetterKind.SETTLEMENT_TASK.value: ("settlement", 3),
}


def days(world: World) -> Iterator[date]:
    """The days on which a workbook is sent back (交回日期), as far as the tasks have arrived."""
    return (_day(task) for task in world.mailed(_PARTS, date.max))


def _day(task: Caught) -> date:
    return task.day + timedelta(days=_PARTS[task.kind][1])


def review(world: World, today: date) -> Iterator[str]:
    """Send back the workbooks that are due (交回复核工作簿和定案表): what people find is in the county's data."""
    for task in world.mailed(_PARTS, today):
        department = world.county.department(task.code)
        part = _PARTS[task.kind][0]
        folder = world.drafts / department.code / f"{part}-{task.number}"
        sent = folder / "sent"
        if _day(task) > today or sent.exists():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        name, content = next((n, c) for n, c in task.attachments() if n.endswith(".xlsx"))
        file = folder / name
        file.write_bytes(_filled(world, task.kind, department, content))
        to = task.message()["To"].addresses[0]
        delivered = post.mail_in(
            world.settings.mailbox_folder,
            f"{world.fiscal_year}.{department.code}.{part}.{task.number}",
            sender=(to.display_name, to.addr_spec),
            to=world.settings.mail_from,
            subject=f"{token.make(world.fiscal_year, department.code, token.Purpose.REVIEW)}复核工作簿",
            text="复核已完成，工作簿见附件。",
            files=[file],
        )
        sent.touch()
        if delivered:
            yield f"{to.display_name}交回{department.name}的复核工作簿"


def _filled(world: World, kind: str, department: PracticeDepartment, content: bytes) -> bytes:
    if kind == LetterKind.SETTLEMENT_TASK.value:
        return fill_settlement_workbook(content, _settled(world, department))
    return fill_review_workbook(content, _found(world, department, kind == LetterKind.SECOND_REVIEW_TASK.value))


def _found(world: World, department: PracticeDepartment, second: bool) -> Scores:
    found = {
        world.rule_ids[line.line]: (line.score, line.reason or "", line.criterion or "") for line in department.review
    }
    story = department.story.second_review
    for opinion in story.differing if second and story else ():
        found[world.rule_ids[opinion.line]] = opinion.score, opinion.reason, opinion.criterion
    return found


def _settled(world: World, department: PracticeDepartment) -> Scores:
    story = department.story.second_review
    decided = story.settled if story else ()
    return {world.rule_ids[x.line]: (x.score, x.reason, x.criterion) for x in decided}
