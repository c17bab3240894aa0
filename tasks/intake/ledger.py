"""The ledger (收件台账): everything that arrives is stored and entered before anybody looks inside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.records import Receipt
from models.states import Channel, ReceiptOutcome
from tasks import filestore, store
from tasks.intake.arrivals import Arrival
from tasks.mail.cleaning import one_line
from tasks.mail.token import Purpose


def known_origins(channel: Channel) -> frozenset[str]:
    """Origins already in the ledger (已登记的来源) of a channel."""
    with store.session() as db:
        return frozenset(db.exec(select(Receipt.origin).where(Receipt.channel == channel)))


def take_in(cycle_id: int, arrival: Arrival) -> int | None:
    """Store an arrival and enter it as pending (收件登记); its receipt id, or None when it is in the ledger already.

    The bytes are complete on disk before the row exists. An incomplete arrival (``problem``) is quarantined at once.
    """
    sha256 = filestore.keep(arrival.content)
    try:
        with store.session() as db:
            if _is_known(db, arrival.channel, arrival.origin):
                return None
            receipt = Receipt(
                cycle_id=cycle_id,
                channel=arrival.channel,
                origin=arrival.origin,
                sha256=sha256,
                size=len(arrival.content) if arrival.size is None else arrival.size,
                subject=one_line(arrival.subject, 400) if arrival.subject else None,
                received_at=arrival.received_at,
                outcome=ReceiptOutcome.QUARANTINED if arrival.problem else ReceiptOutcome.PENDING,
                reason=arrival.problem,
            )
            db.add(receipt)
            db.flush()
            details = {"sha256": sha256, "size": receipt.size, "outcome": receipt.outcome.value}
            store.record(db, "system", "receipt.taken_in", f"receipt:{receipt.id}", None, details)
            return receipt.id
    except IntegrityError:
        # Another run entered it between our look and our write.
        return None


def _is_known(db: Session, channel: Channel, origin: str) -> bool:
    return db.exec(select(Receipt.id).where(Receipt.channel == channel, Receipt.origin == origin)).first() is not None


def pending_groups(cycle_id: int) -> list[list[Receipt]]:
    """Receipts to be dealt with (待处理来件), oldest first: each mail alone, files of one drop folder together."""
    with store.session() as db:
        query = select(Receipt).where(Receipt.cycle_id == cycle_id, Receipt.outcome == ReceiptOutcome.PENDING)
        found = db.exec(query.order_by(col(Receipt.received_at), col(Receipt.id))).all()
    groups: dict[str, list[Receipt]] = {}
    for receipt in found:
        folder = _delivery_of(receipt.subject or "")
        together = receipt.channel is Channel.DROP_FOLDER and folder != ""
        groups.setdefault(f"folder:{folder}" if together else f"receipt:{receipt.id}", []).append(receipt)
    return list(groups.values())


def _delivery_of(path: str) -> str:
    """What belongs together in the drop folder (同批文件): a department's files of one purpose, in whatever subfolders."""
    folders = path.split("/")[:-1]
    purpose = next((name for name in folders[1:] if name in {p.value for p in Purpose if p.value}), "")
    return f"{folders[0]}/{purpose}" if folders else ""


def earlier_with_same_bytes(db: Session, receipt: Receipt) -> Receipt | None:
    """The first receipt of the channel with the very same bytes (相同来件), before this one."""
    query = select(Receipt).where(
        Receipt.channel == receipt.channel, Receipt.sha256 == receipt.sha256, col(Receipt.id) < receipt.id
    )
    return db.exec(query.order_by(col(Receipt.id))).first()


def mailbox_of(origin: str) -> tuple[str, str] | None:
    """Mailbox and UIDVALIDITY of an IMAP origin (邮箱与编号有效期), or None for other origins."""
    if not origin.startswith("imap/"):
        return None
    box, _, numbers = origin.rpartition(";")
    return box, numbers.partition("/")[0]


def complete_at(receipts: list[Receipt]) -> datetime:
    """When the last file of a group arrived (到达时刻): a delivery is complete with its last file."""
    return max(r.received_at for r in receipts)
