"""What people decide about letters (函件审批): approve, withdraw, settle an unknown outcome, try a failed one again."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session, select

from models import transitions
from models.records import Department, Letter
from models.states import LetterState
from tasks import clock, store
from tasks.mail import delivery
from tasks.mail.compose import addressee

# States that come after approval: approving such a letter again changes nothing.
_PAST_APPROVAL = {
    LetterState.APPROVED,
    LetterState.SENDING,
    LetterState.SENT,
    LetterState.UNKNOWN,
    LetterState.TO_DELIVER,
    LetterState.DELIVERED,
}


_READDRESSABLE = {LetterState.DRAFT, LetterState.FAILED, LetterState.TO_DELIVER}


class DecisionError(ValueError):
    """A decision that cannot be taken (不能这样处理), with the reason."""


def approve(db: Session, letters: Iterable[Letter], who: str) -> int:
    """Approve drafts for sending (批准发送); returns how many changed. Approving twice changes nothing.

    A failed letter is approved again with its attempts counted anew; one without an address waits to be brought. A
    withdrawn one is refused (ForbiddenTransitionError).
    """
    changed = 0
    for letter in letters:
        if letter.state in _PAST_APPROVAL:
            continue
        old = letter.state
        _move(db, letter, _released(letter), who, "letter.approved", None)
        if old is LetterState.FAILED:
            letter.attempts = 0
            letter.not_before = None
        changed += 1
    return changed


def _released(letter: Letter) -> LetterState:
    """Where an approved letter goes (批准后的去向): to the mail, or to whoever brings it."""
    return LetterState.APPROVED if letter.to_address else LetterState.TO_DELIVER


def withdraw(db: Session, letters: Iterable[Letter], who: str, reason: str) -> int:
    """Take letters back that have not left (撤回函件), with a reason; returns how many changed.

    A letter that is being sent or was sent cannot be withdrawn (ForbiddenTransitionError): send a correction instead.
    """
    if not reason.strip():
        raise DecisionError("撤回函件必须填写理由")
    changed = 0
    for letter in letters:
        if letter.state is LetterState.WITHDRAWN:
            continue
        _move(db, letter, LetterState.WITHDRAWN, who, "letter.withdrawn", reason.strip())
        changed += 1
    return changed


def readdress(db: Session, letters: Iterable[Letter], who: str) -> int:
    """Send drafts and failed letters to the contact the roster names now (更换收件人); returns how many changed.

    For after an address was corrected in the roster; letters that wait to be brought go to the mail again. Raises
    ComposeError when the roster's address cannot be used.
    """
    changed = 0
    for letter in letters:
        # A reviewer's letter names a department too, and must never go there.
        if letter.state not in _READDRESSABLE or not delivery.to_department(letter):
            continue
        department = db.exec(select(Department).where(Department.id == letter.department_id)).one()
        name, address = addressee(db, letter.cycle_id, letter.kind, department, to_leader=letter.to_leader)
        if address == letter.to_address:
            continue
        old = {"to": letter.to_address}
        letter.to_name, letter.to_address = name, address
        db.add(letter)
        store.record(db, who, "letter.readdressed", f"letter:{letter.key}", old, {"to": address})
        if letter.state is LetterState.TO_DELIVER and address:
            _move(db, letter, LetterState.APPROVED, who, "letter.back_to_mail", None)
        changed += 1
    return changed


def settle_unknown(db: Session, letter_id: int, *, delivered: bool, who: str, reason: str) -> Letter:
    """Decide what happened to a letter with an unknown outcome (判定结果不明的函件): delivered, or to be sent again."""
    if not reason.strip():
        raise DecisionError("请写明核实的方式和结果，例如“电话核实，对方已收到”")
    letter = db.exec(select(Letter).where(Letter.id == letter_id)).first()
    if letter is None:
        raise DecisionError(f"没有编号为 {letter_id} 的函件")
    if letter.state is not LetterState.UNKNOWN:
        raise DecisionError(f"函件 {letter.key} 的状态是“{letter.state.label}”，不需要判定")
    if delivered:
        letter.sent_at = letter.sending_at or clock.now()
    else:
        letter.not_before = None
    if delivered:
        new = LetterState.SENT
    elif delivery.decided_for(db, letter):
        new, letter.to_address = LetterState.TO_DELIVER, ""
    else:
        new = LetterState.APPROVED
    _move(db, letter, new, who, "letter.settled", reason.strip())
    return letter


def _move(db: Session, letter: Letter, state: LetterState, who: str, what: str, reason: str | None) -> None:
    old = letter.state
    letter.state = transitions.require(transitions.LETTER, old, state)
    letter.error = reason if state is LetterState.WITHDRAWN else None
    db.add(letter)
    details = {"state": state.value} | ({"reason": reason} if reason else {})
    store.record(db, who, what, f"letter:{letter.key}", {"state": old.value}, details)
