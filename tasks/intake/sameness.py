"""What was here before (重复判定): the same mail read in another place, and our own files sent back unchanged."""

from __future__ import annotations

from sqlmodel import Session, col, select

from models.records import Letter, LetterAttachment, Receipt, ReceivedFile
from models.states import Channel, LetterState, ReceiptOutcome
from tasks.intake import ledger
from tasks.intake.settle import Kept


def reread(db: Session, receipt: Receipt) -> bool:
    """Whether the same message was read before under another UIDVALIDITY (邮箱重新编号)."""
    now = ledger.mailbox_of(receipt.origin)
    earlier = ledger.earlier_with_same_bytes(db, receipt)
    before = ledger.mailbox_of(earlier.origin) if earlier else None
    return now is not None and before is not None and now[0] == before[0] and now[1] != before[1]


def read_elsewhere(db: Session, receipt: Receipt, kept: list[Kept]) -> Receipt | None:
    """The same mail that came a second time (同一封邮件): by another mailbox, an alias or a list, with other transport headers.

    A Message-ID alone proves nothing, because anybody can write one: sender, subject and files must be the same.
    """
    if receipt.channel is not Channel.MAILBOX or not receipt.message_id:
        return None
    query = select(Receipt).where(
        Receipt.message_id == receipt.message_id,
        Receipt.sender == receipt.sender,
        Receipt.subject == receipt.subject,
        col(Receipt.id) < receipt.id,
        Receipt.outcome != ReceiptOutcome.PENDING,
    )
    wanted = sorted(k.sha256 for k in kept)
    for earlier in db.exec(query.order_by(col(Receipt.id))):
        found = db.exec(select(ReceivedFile.sha256).where(ReceivedFile.receipt_id == earlier.id)).all()
        if sorted(found) == wanted:
            return earlier
    return None


def sent_by_us(db: Session, department_id: int, kept: list[Kept]) -> set[str]:
    """Which files are ours, as we sent them to the department (本局发出的原件), told by their digest."""
    query = (
        select(LetterAttachment.sha256)
        .join(Letter, LetterAttachment.letter_id == Letter.id)  # type: ignore[arg-type]
        .where(
            Letter.department_id == department_id,
            Letter.state == LetterState.SENT,
            col(LetterAttachment.sha256).in_({k.sha256 for k in kept}),
        )
    )
    return set(db.exec(query))
