"""Letters that came back and are mailed again (补发): to the address the roster names now, once, under a key of their own.

The letter that came back stays as it is, with its bounce; the new one says in its own words that it is mailed again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlmodel import Session, col, select

from models.records import Cycle, Department, Letter, LetterAttachment, MailedAgain
from models.states import LetterState
from tasks import clock, store
from tasks.mail import compose, delivery
from tasks.mail.rendering import Returned, mailed_again


class MailAgainError(ValueError):
    """A letter that cannot be mailed again (不能补发); the message says why and what to do, in Chinese."""


def of_letters(db: Session, letters: Iterable[Letter]) -> dict[int, MailedAgain]:
    """The records of letters that were mailed again (补发记录), by the letter that came back; the others have none."""
    ids = [letter.id for letter in letters if delivery.came_back(letter)]
    return {row.letter_id: row for row in db.exec(select(MailedAgain).where(col(MailedAgain.letter_id).in_(ids)))}


def of_year(db: Session, cycle_id: int) -> dict[int, MailedAgain]:
    """Every such record of a year (年度补发记录), by the letter that came back."""
    query = select(MailedAgain).join(Letter, col(Letter.id) == col(MailedAgain.letter_id))
    return {row.letter_id: row for row in db.exec(query.where(Letter.cycle_id == cycle_id))}


def waiting(db: Session, cycle_id: int) -> list[Letter]:
    """Departments' letters that came back and were not mailed again (待补发函件), oldest first."""
    query = select(Letter).where(
        Letter.cycle_id == cycle_id, Letter.state == LetterState.SENT, col(Letter.error).is_not(None)
    )
    done = of_year(db, cycle_id)
    return [
        letter
        for letter in db.exec(query.order_by(col(Letter.id)))
        if delivery.came_back(letter) and delivery.to_department(letter) and letter.id not in done
    ]


def mail_again(db: Session, cycle: Cycle, letter: Letter, who: str, reason: str) -> Letter:
    """Mail a letter that came back to the address the roster names now (补发一封), inside the caller's transaction.

    The words and files are those of the first letter, with a note that it is mailed again. Raises MailAgainError, and
    ComposeError where the roster names no usable address.
    """
    department = _department(db, letter)
    earlier = _earlier(db, letter)
    name, address = compose.addressee(db, cycle.id, letter.kind, department, to_leader=letter.to_leader)
    if address.casefold() in {one.to_address.casefold() for one in earlier}:
        raise MailAgainError(f"函件{letter.id}就是被{address}退回的，名册中仍是这个地址，请先更正部门名册并重新导入")
    first, edition = earlier[0], len(earlier) + 1
    key = edition_key(cycle, first, edition)
    written = mailed_again(
        first.subject,
        first.html,
        [Returned(one.to_address, clock.local_date(one.sent_at or one.composed_at)) for one in earlier],
        compose.salutation_to(first.to_name, department) if letter.to_leader else None,
        compose.salutation_to(name, department),
    )
    new = Letter(
        cycle_id=cycle.id,
        department_id=letter.department_id,
        key=key,
        kind=letter.kind,
        number=letter.number,
        message_id=compose.message_id_of(key),
        to_name=name,
        to_address=address,
        to_leader=letter.to_leader,
        subject=written.subject,
        html=written.html,
        text=written.text,
        state=LetterState.APPROVED,
        composed_at=clock.now(),
    )
    db.add(new)
    db.flush()
    _copy_files(db, first, new)
    db.add(
        MailedAgain(
            letter_id=letter.id,
            again_id=new.id,
            edition=edition,
            reason=reason,
            decided_by=who,
            decided_at=clock.now(),
        )
    )
    db.flush()
    told = {"letter": key, "to": address, "reason": reason}
    store.record(db, who, "letter.mailed_again", f"letter:{letter.key}", {"to": letter.to_address}, told)
    store.record(db, who, "letter.composed", f"letter:{key}", None, {"state": new.state.value, "to": address})
    return new


def edition_key(cycle: Cycle, first: Letter, edition: int) -> str:
    """The key of a letter that is mailed again (补发函件唯一键): that of the first letter and which edition it is."""
    key = f"{first.key}/{edition}"
    if len(key) <= compose.KEY_LENGTH:
        return key
    short = hashlib.sha256(first.key.encode()).hexdigest()[:32]
    return f"{cycle.fiscal_year}/{short}/{first.kind.value}/{first.number}/{edition}"


def _department(db: Session, letter: Letter) -> Department:
    if letter.state is LetterState.DELIVERED:
        raise MailAgainError(f"函件{letter.id}已另行送达，不再补发")
    if not delivery.came_back(letter):
        raise MailAgainError(f"函件{letter.id}的状态是“{letter.state.label}”，没有被退回，不能补发")
    if not delivery.to_department(letter) or letter.department_id is None:
        raise MailAgainError(f"函件{letter.id}不是发给部门的；复核人员的地址有误时，请重新“指定复核人员”")
    if delivery.decided_for(db, letter) is not None:
        raise MailAgainError(f"函件{letter.id}的部门已登记另行送达，请先运行“恢复邮件发送”")
    return db.get_one(Department, letter.department_id)


def _earlier(db: Session, letter: Letter) -> list[Letter]:
    """This letter and those it was mailed again for (历次函件), the first one first; all of them came back."""
    chain = [letter]
    while True:
        record = db.exec(select(MailedAgain).where(MailedAgain.again_id == chain[0].id)).first()
        if record is None:
            return chain
        chain.insert(0, db.get_one(Letter, record.letter_id))


def _copy_files(db: Session, first: Letter, new: Letter) -> None:
    query = select(LetterAttachment).where(LetterAttachment.letter_id == first.id)
    for file in db.exec(query.order_by(col(LetterAttachment.number))).all():
        db.add(LetterAttachment(letter_id=new.id, number=file.number, name=file.name, sha256=file.sha256))
