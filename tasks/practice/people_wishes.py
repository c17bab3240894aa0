"""What the practice departments ask for (演练申请与申诉): more time for the report, another look at the result."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from models.states import LetterKind
from tasks.mail import token
from tasks.mail.token import Purpose
from tasks.practice import post
from tasks.practice.county_model import PracticeDepartment
from tasks.practice.forms.docx_writer import docx_bytes
from tasks.practice.forms.layout import SIGN, TITLE, Line

if TYPE_CHECKING:
    from tasks.practice.people import World


def days(world: World, department: PracticeDepartment) -> Iterator[date]:
    """The days on which a department asks for something (提出申请或申诉的日期), as far as the letters before have arrived."""
    story = department.story
    yield from _after(world, department, LetterKind.NOTICE, story.extension.days if story.extension else None)
    yield from _after(world, department, LetterKind.RESULT, story.objection.days if story.objection else None)


def _after(
    world: World, department: PracticeDepartment, kind: LetterKind, count: int | None, today: date = date.max
) -> Iterator[date]:
    letters = world.letters_to(department.code, kind, today) if count is not None else ()
    if letters and count is not None:
        yield letters[0].day + timedelta(days=count)


def ask(world: World, department: PracticeDepartment, today: date) -> Iterator[str]:
    """Ask for what the story says, on its day or when it should have been (提出申请、申诉); yields what was done."""
    request, objection = department.story.extension, department.story.objection
    if request is not None:
        for day in _after(world, department, LetterKind.NOTICE, request.days, today):
            text = request.letter
            if day <= today and _mail(world, department, "extension", Purpose.MATERIAL, "延期报送申请", text, []):
                yield f"{department.name}申请延期报送"
    if objection is not None:
        for day in _after(world, department, LetterKind.RESULT, objection.days, today):
            files = _evidence(world, department) if day <= today else []
            text = objection.letter
            if day <= today and _mail(world, department, "objection", Purpose.OBJECTION, "申诉书", text, files):
                yield f"{department.name}提出申诉"


def _mail(
    world: World,
    department: PracticeDepartment,
    what: str,
    purpose: Purpose,
    title: str,
    text: str,
    files: list[Path],
) -> bool:
    assert department.contact.address is not None
    return post.mail_in(
        world.settings.mailbox_folder,
        f"{world.fiscal_year}.{department.code}.{what}",
        sender=(department.contact.name, department.contact.address),
        to=world.settings.mail_from,
        subject=f"{token.make(world.fiscal_year, department.code, purpose)}{title}",
        text=text,
        files=files,
    )


def _evidence(world: World, department: PracticeDepartment) -> list[Path]:
    """The paper that proves what the objection says (佐证材料), as a Word file."""
    objection = department.story.objection
    if objection is None or objection.evidence is None:
        return []
    name, text = objection.evidence
    folder = world.drafts / department.code / "objection"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.docx"
    path.write_bytes(docx_bytes([Line(name, TITLE), Line(text), Line(department.name, SIGN)], name, department.name))
    return [path]
