"""The ledger of correspondence (往来函件台账): whatever arrived and whatever left, of a year or of one department."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from models.records import (
    Cycle,
    Department,
    Letter,
    LetterAttachment,
    LetterDelivery,
    LetterMessage,
    Receipt,
    ReceivedFile,
    SubmissionVersion,
)
from models.states import Channel, LetterState, ReceiptOutcome
from tasks import filestore, lookup, settings, store
from tasks.mail import again, messages
from tasks.mail.cleaning import file_label
from tasks.writing.correspondence import CorrespondenceView, LedgerEntry, LedgerFile, write_correspondence

UNKNOWN = "（未识别部门）"
OFFICE = "（非部门往来）"
ORIGINAL = "邮件原文"
# Databases bind a limited number of values to one query.
_BATCH = 500


def ledger(fiscal_year: int, code: str = "") -> CorrespondenceView:
    """Gather the ledger (汇总往来函件) of a year, or of one department. Reads only; oldest first.

    Raises UnknownDepartmentError for a code the year does not have.
    """
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        department = lookup.submission_of(db, cycle, code)[1] if code else None
        entries = [*_receipts(db, cycle, department), *_letters(db, cycle, department)]
        return CorrespondenceView(
            bureau=cycle.bureau,
            fiscal_year=fiscal_year,
            department=department.name if department else None,
            # What arrived stands before what was answered in the same minute.
            entries=tuple(sorted(entries, key=lambda e: (e.at, not e.inbound, int(e.number[1:])))),
        )


def only(view: CorrespondenceView, number: str) -> CorrespondenceView:
    """One letter or delivery out of a ledger (单件调阅), 发34 or 收12; LookupError where there is none."""
    found = tuple(entry for entry in view.entries if entry.number == number)
    if not found:
        raise LookupError(f"{view.title}中没有编号为{number}的函件，请先查看台账。")
    return view.model_copy(update={"entries": found})


def write(view: CorrespondenceView, code: str = "") -> Path:
    """Write the ledger as a workbook (往来函件台账工作簿) into documents/; returns its path."""
    name = f"往来函件台账-{view.fiscal_year}{f'-{file_label(code)}' if code else ''}.xlsx"
    target = settings.current().folder("documents") / name
    part = target.with_suffix(".part")
    part.write_bytes(write_correspondence(view))
    part.replace(target)
    return target


def _receipts(db: Session, cycle: Cycle, department: Department | None) -> Iterator[LedgerEntry]:
    query = select(Receipt).where(Receipt.cycle_id == cycle.id)
    if department is not None:
        query = query.where(Receipt.department_id == department.id)
    found = list(db.exec(query.order_by(col(Receipt.id))))
    names = _departments(db)
    files: dict[int, list[LedgerFile]] = defaultdict(list)
    versions: dict[int, int] = {}
    for ids in _batches(r.id for r in found):
        rows = select(ReceivedFile).where(col(ReceivedFile.receipt_id).in_(ids))
        for row in db.exec(rows.order_by(col(ReceivedFile.receipt_id), col(ReceivedFile.number))):
            files[row.receipt_id].append(LedgerFile(name=row.name, sha256=row.sha256, size=row.size))
        for version in db.exec(select(SubmissionVersion).where(col(SubmissionVersion.receipt_id).in_(ids))):
            versions[version.receipt_id] = version.number
    for receipt in found:
        code, name = names.get(receipt.department_id or 0, ("", UNKNOWN))
        yield LedgerEntry(
            number=f"收{receipt.id}",
            at=_local(receipt.received_at),
            inbound=True,
            code=code,
            department=name,
            kind=receipt.outcome.label,
            subject=receipt.subject or "（无主题）",
            counterpart=receipt.sender or receipt.channel.label,
            state=_received(receipt, versions.get(receipt.id)),
            remark=receipt.reason or "",
            files=_with_raw(receipt, files[receipt.id]),
        )


def _with_raw(receipt: Receipt, found: list[LedgerFile]) -> tuple[LedgerFile, ...]:
    """What arrived and what was in it (原件及其中的文件); a file from the drop folder is both."""
    if any(file.sha256 == receipt.sha256 for file in found):
        return tuple(found)
    mail = receipt.channel is Channel.MAILBOX
    name = "邮件原件.eml" if mail else (receipt.subject or receipt.origin).rsplit("/", 1)[-1]
    return (LedgerFile(name=name, sha256=receipt.sha256, size=receipt.size), *found)


def _received(receipt: Receipt, version: int | None) -> str:
    if version is not None:
        return f"登记为第{version}次报送"
    if receipt.outcome is ReceiptOutcome.PENDING:
        return "待处理"
    if receipt.outcome is ReceiptOutcome.QUARANTINED:
        return "已确认不采用" if receipt.handled_at else "待人工处理"
    return "已登记"


def _letters(db: Session, cycle: Cycle, department: Department | None) -> Iterator[LedgerEntry]:
    query = select(Letter).where(Letter.cycle_id == cycle.id)
    if department is not None:
        query = query.where(Letter.department_id == department.id)
    found = list(db.exec(query.order_by(col(Letter.id))))
    names = _departments(db)
    files: dict[int, list[LedgerFile]] = defaultdict(list)
    brought: dict[int, LetterDelivery] = {}
    mailed: dict[int, list[LetterMessage]] = {}
    linked = _linked(db, cycle)
    for ids in _batches(letter.id for letter in found):
        mailed |= messages.of_letters(db, ids)
        rows = select(LetterAttachment).where(col(LetterAttachment.letter_id).in_(ids))
        for row in db.exec(rows.order_by(col(LetterAttachment.letter_id), col(LetterAttachment.number))):
            files[row.letter_id].append(LedgerFile(name=row.name, sha256=row.sha256))
        for delivery in db.exec(select(LetterDelivery).where(col(LetterDelivery.letter_id).in_(ids))):
            brought[delivery.letter_id] = delivery
    for letter in found:
        code, name = names.get(letter.department_id or 0, ("", OFFICE))
        page = letter.html.encode()
        written = LedgerFile(name="函件.html", sha256=filestore.digest_of(page), size=len(page))
        yield LedgerEntry(
            number=f"发{letter.id}",
            at=_local(letter.sent_at or letter.sending_at or letter.composed_at),
            inbound=False,
            code=code,
            department=name,
            kind=letter.kind.label,
            subject=letter.subject,
            counterpart=f"{letter.to_name} {letter.to_address}".strip(),
            state=_sent(letter),
            remark="；".join(
                (*_told(letter, brought.get(letter.id), mailed.get(letter.id, ())), *linked.get(letter.id, ()))
            ),
            files=(written, *_originals(mailed.get(letter.id, ())), *files[letter.id]),
        )


def _originals(mailed: Sequence[LetterMessage]) -> Iterator[LedgerFile]:
    """The very mails that were handed to the server (邮件原文), to be opened with any mail program."""
    for row in mailed:
        number = f"-{row.number}" if len(mailed) > 1 else ""
        yield LedgerFile(name=f"{ORIGINAL}{number}.eml", sha256=row.sha256, size=row.size)


def _sent(letter: Letter) -> str:
    # A letter that came back was sent all the same.
    return f"{letter.state.label}，有退信" if letter.state is LetterState.SENT and letter.error else letter.state.label


def _linked(db: Session, cycle: Cycle) -> dict[int, list[str]]:
    """What leads from a letter that came back to the one it was mailed again as, and back (补发对应)."""
    found: dict[int, list[str]] = defaultdict(list)
    for record in again.of_year(db, cycle.id).values():
        found[record.again_id].append(f"补发：发{record.letter_id}被退回")
        found[record.letter_id].append(f"已补发为发{record.again_id}")
    return found


def _told(letter: Letter, delivery: LetterDelivery | None, mailed: Sequence[LetterMessage]) -> Iterator[str]:
    if letter.error:
        yield letter.error
    if len({row.to_address for row in mailed}) > 1:
        yield "、".join(f"{ORIGINAL}-{row.number}发往{row.to_address}" for row in mailed)
    if delivery is not None:
        signed = f"，{delivery.signed_by}签收" if delivery.signed_by else ""
        yield f"{delivery.delivered_on}{delivery.means.label}{signed}"


def _departments(db: Session) -> dict[int, tuple[str, str]]:
    return {d.id: (d.code, d.name) for d in db.exec(select(Department))}


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    listed = list(ids)
    for start in range(0, len(listed), _BATCH):
        yield listed[start : start + _BATCH]


def _local(moment: datetime) -> datetime:
    return moment.astimezone(settings.current().zone)
