"""What becomes of bounces and receipts (退信与回执处理): told on the letter they are about, never taken for material."""

from __future__ import annotations

from sqlmodel import Session, col, select

from models.records import Letter, Receipt
from models.states import LetterState, ReceiptOutcome
from tasks import store
from tasks.intake import settle
from tasks.intake.bounces import Bounce, Fate

# Letters that have left, or may have: nothing else can have bounced.
_LEFT = (LetterState.SENDING, LetterState.SENT, LetterState.UNKNOWN)


def enter(db: Session, receipts: list[Receipt], bounce: Bounce, forged: bool) -> settle.Settled:
    """Enter a delivery report or read receipt (登记退信与回执)."""
    letters, guessed = _about(db, bounce)
    keys = "、".join(letter.key for letter in letters)
    how = "，按收件地址推定" if guessed else ""
    about = f"（函件 {keys}{how}）" if keys else "（找不到对应的函件）"
    reason = f"{bounce.fate.value}：{bounce.reason}{about}"
    for letter in letters[:1]:
        receipts[0].department_id = letter.department_id
    if forged:
        # Anybody can write that a letter did not arrive; staff would telephone in vain, or worse, change an address.
        return settle.mark(
            db, receipts, ReceiptOutcome.QUARANTINED, f"收信服务器认定发件人验证未通过，可能是伪造的{reason}"
        )
    for letter in letters:
        _tell(db, letter, bounce)
    outcome = ReceiptOutcome.IGNORED if bounce.fate in (Fate.DELIVERED, Fate.READ) else ReceiptOutcome.BOUNCE
    return settle.mark(db, receipts, outcome, reason)


def _about(db: Session, bounce: Bounce) -> tuple[list[Letter], bool]:
    """The letters a report is about (所指函件), and whether that was only concluded from an address."""
    found = by_message_id(db, bounce.message_ids)
    named = [letter for letter in found if letter.state in _LEFT]
    if named or found or not bounce.addresses:
        return named, False
    query = select(Letter).where(col(Letter.to_address).in_(_spellings(bounce)), col(Letter.state).in_(_LEFT))
    last = db.exec(query.order_by(col(Letter.sent_at).desc(), col(Letter.id).desc()).limit(1)).all()
    return list(last), True


def _spellings(bounce: Bounce) -> list[str]:
    # Addresses are stored as the roster writes them; reports write them as they like.
    local = [a.rpartition("@") for a in bounce.addresses]
    return [spelled for name, at, host in local for spelled in (f"{name}{at}{host}", f"{name.capitalize()}{at}{host}")]


def _tell(db: Session, letter: Letter, bounce: Bounce) -> None:
    told = f"{bounce.fate.value}：{bounce.reason}"
    # A late notice of delay does not undo a failure; a delivery ends a delay.
    failed = (letter.error or "").startswith(Fate.FAILED.value)
    if not bounce.fate.good and not (failed and bounce.fate is Fate.DELAYED):
        letter.error = told
    elif bounce.fate.good and (letter.error or "").startswith(Fate.DELAYED.value):
        letter.error = None
    db.add(letter)
    what = "letter.reported" if bounce.fate.good else "letter.bounced"
    store.record(db, "system", what, f"letter:{letter.key}", None, {"reason": told})


def by_message_id(db: Session, message_ids: tuple[str, ...]) -> list[Letter]:
    """Our letters with these Message-IDs (按邮件标识查函件)."""
    return list(db.exec(select(Letter).where(col(Letter.message_id).in_(message_ids)))) if message_ids else []
