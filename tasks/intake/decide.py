"""Deciding about an opened delivery (来件判定): bounce, automatic answer, re-read, refusal, quarantine or entry."""

from __future__ import annotations

from sqlmodel import Session, col, select

from models.records import Letter, Receipt
from models.states import LetterState, ReceiptOutcome
from tasks import store
from tasks.intake import answers, ledger, settle
from tasks.intake.identify import Evidence, Identified, Unclear, identify
from tasks.intake.quarantine import released_as
from tasks.intake.roster import Roster
from tasks.intake.unpack import Package
from tasks.mail import token
from tasks.mail.cleaning import one_line


def decide(
    db: Session,
    receipts: list[Receipt],
    packages: list[Package],
    kept: list[settle.Kept],
    evidence: Evidence,
    roster: Roster,
) -> settle.Settled:
    """Decide what becomes of a delivery (来件判定), inside the caller's transaction."""
    first = packages[0]
    if first.bounce is not None:
        return _bounced(db, receipts, first)
    if roster.own_address in first.senders and _letters(db, (first.message_id,)):
        return settle.mark(db, receipts, ReceiptOutcome.IGNORED, "本局发出的函件的副本，不处理")
    if first.automatic:
        return settle.mark(db, receipts, ReceiptOutcome.IGNORED, "自动回复，不处理")
    if _reread(db, receipts[0]):
        return settle.mark(
            db, receipts, ReceiptOutcome.DUPLICATE, "邮箱重新编号后再次读到同一封邮件，此前已处理，不再答复"
        )
    identified = released_as(receipts[0]) or identify(evidence, roster)
    if first.forged and not receipts[0].identified_by:
        identified = Unclear("收信服务器认定发件人验证未通过（SPF/DMARC），可能是伪造的邮件")
    refusal = next((p for p in packages if p.refusal), None)
    if refusal is not None:
        return _refused(db, receipts, refusal, identified)
    aside = "；".join(f"“{s.name}”{s.reason}" for p in packages for s in p.set_aside)
    note = f"未采用：{aside}" if aside else None
    if isinstance(identified, Unclear):
        for receipt in receipts:
            receipt.department_id = identified.perhaps
        return settle.mark(db, receipts, ReceiptOutcome.QUARANTINED, "；".join(filter(None, (identified.reason, note))))
    return _enter(db, receipts, packages, kept, identified, note)


def _enter(
    db: Session,
    receipts: list[Receipt],
    packages: list[Package],
    kept: list[settle.Kept],
    identified: Identified,
    note: str | None,
) -> settle.Settled:
    if not kept and note:
        unusable = Package(refusal=note, remedy="请把材料作为Word、PDF或Excel附件重新发送")
        return _refused(db, receipts, unusable, identified)
    objection = identified.purpose is token.Purpose.OBJECTION and bool(packages[0].text)
    if not kept and not objection:
        for receipt in receipts:
            receipt.department_id, receipt.identified_by = identified.department_id, identified.by
        said = one_line(packages[0].text, 200)
        reason = f"没有附件。正文：{said}" if said else "没有附件，正文为空"
        return settle.mark(db, receipts, ReceiptOutcome.IGNORED, reason)
    try:
        with db.begin_nested():
            return settle.accept(db, receipts, identified, kept, note, packages[0].text)
    except settle.RefusedError as error:
        for receipt in receipts:
            db.refresh(receipt)
            receipt.department_id, receipt.identified_by = identified.department_id, identified.by
        return settle.mark(db, receipts, ReceiptOutcome.QUARANTINED, str(error))


def _refused(
    db: Session, receipts: list[Receipt], package: Package, identified: Identified | Unclear
) -> settle.Settled:
    if isinstance(identified, Identified):
        entered = settle.entered_as(db, receipts, identified)
        answers.unusable(db, entered, package.refusal or "", package.remedy or "请重新发送")
    return settle.mark(db, receipts, ReceiptOutcome.QUARANTINED, package.refusal)


def _reread(db: Session, receipt: Receipt) -> bool:
    """Whether the same message was read before under another UIDVALIDITY (邮箱重新编号)."""
    now = ledger.mailbox_of(receipt.origin)
    earlier = ledger.earlier_with_same_bytes(db, receipt)
    before = ledger.mailbox_of(earlier.origin) if earlier else None
    return now is not None and before is not None and now[0] == before[0] and now[1] != before[1]


def _bounced(db: Session, receipts: list[Receipt], package: Package) -> settle.Settled:
    bounce = package.bounce
    if bounce is None:
        raise ValueError("not a bounce")
    letters = _letters(db, bounce.message_ids)
    if not letters and bounce.recipient:
        query = select(Letter).where(Letter.to_address == bounce.recipient, Letter.state == LetterState.SENT)
        letters = list(db.exec(query.order_by(col(Letter.sent_at).desc()).limit(1)))
    word = "退信" if bounce.final else "投递延迟"
    for letter in letters:
        letter.error = f"{word}：{bounce.reason}"
        db.add(letter)
        receipts[0].department_id = letter.department_id
        store.record(db, "system", "letter.bounced", f"letter:{letter.key}", None, {"reason": letter.error})
    keys = "、".join(letter.key for letter in letters)
    reason = f"{word}：{bounce.reason}" + (f"（函件 {keys}）" if keys else "（找不到对应的函件）")
    return settle.mark(db, receipts, ReceiptOutcome.BOUNCE, reason)


def _letters(db: Session, message_ids: tuple[str, ...]) -> list[Letter]:
    return list(db.exec(select(Letter).where(col(Letter.message_id).in_(message_ids))))
