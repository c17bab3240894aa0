"""Letters that do not go by mail (另行送达): which departments they concern, and how and when each letter was brought."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from sqlmodel import Session, col, select

from models import transitions
from models.records import Letter, LetterDelivery, OtherDelivery
from models.states import LetterState
from tasks import clock, store
from tasks.mail import token

# Words of a letter that hold for a mail only, with what stands on paper in their place.
_EITHER = re.compile(r'<span data-paper="([^"]*)">.*?</span>', re.DOTALL)
_ON_A4 = (
    "<style>@page{size:A4;margin:18mm}"
    "@media print{body{background:#fff!important}.sheet{border:0!important;padding:0!important}}</style>"
)
# A bounce that is final begins with this word; a mere delay does not.
CAME_BACK = "退信"


def in_force(db: Session, cycle_id: int, department_id: int | None) -> OtherDelivery | None:
    """The decision that a department is told otherwise (有效的另行送达登记), or None while it is written to by mail."""
    if department_id is None:
        return None
    return db.exec(
        select(OtherDelivery).where(
            OtherDelivery.cycle_id == cycle_id,
            OtherDelivery.department_id == department_id,
            col(OtherDelivery.ended_at).is_(None),
        )
    ).first()


def all_in_force(db: Session, cycle_id: int) -> dict[int, OtherDelivery]:
    """Every such decision of a year by department (年度有效登记)."""
    query = select(OtherDelivery).where(OtherDelivery.cycle_id == cycle_id, col(OtherDelivery.ended_at).is_(None))
    return {row.department_id: row for row in db.exec(query)}


def deliveries(db: Session, letters: Iterable[Letter]) -> dict[int, LetterDelivery]:
    """How letters were brought (送达记录), by letter; letters that were not have none."""
    ids = [letter.id for letter in letters if letter.state is LetterState.DELIVERED]
    if not ids:
        return {}
    rows = db.exec(select(LetterDelivery).where(col(LetterDelivery.letter_id).in_(ids)))
    return {row.letter_id: row for row in rows}


def reached_on(db: Session, letters: Iterable[Letter]) -> dict[int, date]:
    """The day each letter left or was brought (发送或送达日期), by letter; those that did not reach anybody have none."""
    letters = list(letters)
    days = {row.letter_id: row.delivered_on for row in deliveries(db, letters).values()}
    for letter in letters:
        if letter.state is LetterState.SENT and letter.sent_at is not None:
            days[letter.id] = clock.local_date(letter.sent_at)
    return days


def to_department(letter: Letter) -> bool:
    """Whether a letter goes to the department it is about (是否发给部门), and not to a reviewer of it."""
    about_a_review = any(mark.purpose is token.Purpose.REVIEW for mark in token.find_all(letter.subject))
    return letter.department_id is not None and not about_a_review


def decided_for(db: Session, letter: Letter) -> OtherDelivery | None:
    """The decision that takes a letter off the mail (该函件适用的登记), or None."""
    return in_force(db, letter.cycle_id, letter.department_id) if to_department(letter) else None


def came_back(letter: Letter) -> bool:
    """Whether a letter that had left was returned for good (已退信)."""
    return letter.state is LetterState.SENT and (letter.error or "").startswith(CAME_BACK)


def put_on_paper(db: Session, letters: Iterable[Letter], who: str) -> int:
    """Take letters off the mail (改为另行送达): they wait to be brought and have no address; returns how many changed.

    A draft stays a draft. What is being sent, was sent or was brought stays as it is, and so does a reviewer's letter.
    """
    changed = 0
    for letter in letters:
        if not to_department(letter):
            continue
        if letter.state is LetterState.DRAFT:
            changed += _without_address(db, letter, who)
        elif letter.state in (LetterState.APPROVED, LetterState.FAILED):
            _without_address(db, letter, who)
            letter.not_before = None
            move(db, letter, LetterState.TO_DELIVER, who, "letter.to_deliver")
            changed += 1
    return changed


def _without_address(db: Session, letter: Letter, who: str) -> bool:
    if not letter.to_address:
        return False
    store.record(db, who, "letter.readdressed", f"letter:{letter.key}", {"to": letter.to_address}, {"to": ""})
    letter.to_address = ""
    db.add(letter)
    return True


def move(db: Session, letter: Letter, state: LetterState, who: str, what: str, **details: str) -> None:
    """Move a letter on (函件流转), on the audit trail; its old trouble is over."""
    old = letter.state
    letter.state = transitions.require(transitions.LETTER, old, state)
    before = {"state": old.value} | ({"error": letter.error} if letter.error else {})
    letter.error = None
    db.add(letter)
    store.record(db, who, what, f"letter:{letter.key}", before, {"state": state.value} | details)


def on_paper(html: str) -> str:
    """A letter as it is printed (纸质函件): no word speaks of a mail that the reader never had."""
    return _EITHER.sub(lambda found: found.group(1), html).replace("</head>", f"{_ON_A4}</head>", 1)
