"""Mailing again what came back (补发退回的函件), once a department's address was corrected in the roster."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.records import Cycle, Letter, MailedAgain
from models.states import CycleState
from tasks import clock, lookup, store
from tasks.mail import again
from tasks.mail.compose import ComposeError
from tasks.stages.delivery import chosen_departments
from tasks.stages.desk import DeskError


def mail_again(
    fiscal_year: int, reason: str, who: str, *, letters: Sequence[int] = (), codes: Sequence[str] = ()
) -> str:
    """Mail letters that came back to the address the roster names now (补发), all of them or none; returns a sentence.

    ``letters`` are letters by their numbers; ``codes`` stand for everything of these departments that came back and was not
    mailed again. A letter is mailed again once: the same again changes nothing. Raises DeskError naming every letter that
    cannot be mailed again.
    """
    reason, who = reason.strip(), who.strip()
    if not reason or not who:
        raise DeskError("补发退回的函件必须填写理由和经办人。")
    try:
        with store.session() as db:
            cycle = lookup.cycle_of(db, fiscal_year)
            if cycle.state is CycleState.CLOSED:
                raise DeskError(f"{fiscal_year}年度已办结，不再发送函件。")
            chosen = {one.id: one for one in (*_named(db, cycle, letters), *_of_departments(db, cycle, codes))}
            done = again.of_letters(db, chosen.values())
            made = _make(db, cycle, [letter for letter in chosen.values() if letter.id not in done], who, reason)
    except IntegrityError as error:
        raise DeskError("另一次办理正在补发同样的函件，请查看“函件待办清单”后再决定是否补发。") from error
    return _told(made, list(done.values()))


def _make(db: Session, cycle: Cycle, chosen: Sequence[Letter], who: str, reason: str) -> list[tuple[Letter, Letter]]:
    """Each letter with the one it is mailed again as. An error takes back what was made for the others."""
    made, refused = [], []
    for letter in chosen:
        try:
            made.append((letter, again.mail_again(db, cycle, letter, who, reason)))
        except (again.MailAgainError, ComposeError) as error:
            refused.append(str(error))
    if refused:
        raise DeskError(f"{'；'.join(dict.fromkeys(refused))}。本次补发全部未生效。")
    return made


def _told(made: Sequence[tuple[Letter, Letter]], done: Sequence[MailedAgain]) -> str:
    before = [f"函件{one.letter_id}此前已于{clock.local_date(one.decided_at)}补发为函件{one.again_id}" for one in done]
    now = [f"函件{old.id}补发为函件{new.id}，发往{new.to_address}" for old, new in made]
    return f"{'；'.join([*now, *before])}。" if made else f"{'；'.join(before)}，没有变化。"


def _named(db: Session, cycle: Cycle, numbers: Sequence[int]) -> list[Letter]:
    query = select(Letter).where(Letter.cycle_id == cycle.id, col(Letter.id).in_(numbers))
    found = {letter.id: letter for letter in db.exec(query)}
    missing = [str(number) for number in numbers if number not in found]
    if missing:
        raise DeskError(f"{cycle.fiscal_year}年度没有编号为{'、'.join(missing)}的函件，请查看“函件待办清单”。")
    return [found[number] for number in numbers]


def _of_departments(db: Session, cycle: Cycle, codes: Sequence[str]) -> list[Letter]:
    """What came back to these departments (所选部门被退回的函件); DeskError names those to which nothing did."""
    if not codes:
        return []
    departments = chosen_departments(db, cycle, codes)
    returned = [letter for letter in again.waiting(db, cycle.id) if letter.department_id in {d.id for d in departments}]
    nothing = [d.name for d in departments if d.id not in {letter.department_id for letter in returned}]
    if nothing:
        raise DeskError(f"{'、'.join(nothing)}没有被退回而尚未补发的函件，请查看“函件待办清单”。")
    return returned
