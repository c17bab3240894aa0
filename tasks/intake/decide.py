"""Deciding about an opened delivery (来件判定): bounce, automatic answer, re-read, refusal, quarantine or entry."""

from __future__ import annotations

from sqlmodel import Session

from models.records import Receipt
from models.states import ReceiptOutcome
from tasks.intake import answers, reports, sameness, settle
from tasks.intake.acknowledging import only_acknowledges
from tasks.intake.identify import Evidence, Identified, Unclear, identify
from tasks.intake.parts import SetAside
from tasks.intake.quarantine import released_as
from tasks.intake.roster import Roster
from tasks.intake.unpack import Package
from tasks.mail import token
from tasks.mail.cleaning import one_line

_OURS = "是本局发出的原件，没有改动，未采用"


def decide(
    db: Session,
    receipts: list[Receipt],
    packages: list[Package],
    kept: list[settle.Kept],
    evidence: Evidence,
    roster: Roster,
) -> settle.Settled:
    """Decide what becomes of a delivery (来件判定), inside the caller's transaction."""
    settle.file_rows(db, kept)
    first = packages[0]
    released = released_as(receipts[0])
    settled = None if released else _nobodys_material(db, receipts, first, kept, roster)
    if settled is not None:
        return settled
    identified = released or identify(evidence, roster)
    if first.forged and not released:
        identified = Unclear("收信服务器认定发件人验证未通过（SPF/DMARC），可能是伪造的邮件")
    refusal = next((p for p in packages if p.refusal), None)
    if refusal is not None:
        return _refused(db, receipts, refusal, identified)
    aside = [s for p in packages for s in p.set_aside]
    if isinstance(identified, Identified) and (ours := sameness.sent_by_us(db, identified.department_id, kept)):
        # Mail programs send the attachments of a letter back with the answer to it.
        aside += [SetAside(k.name, _OURS) for k in kept if k.sha256 in ours]
        kept = [k for k in kept if k.sha256 not in ours]
    note = "未采用：" + "；".join(f"“{s.name}”{s.reason}" for s in aside) if aside else None
    if isinstance(identified, Unclear):
        for receipt in receipts:
            receipt.department_id = identified.perhaps
        return settle.mark(db, receipts, ReceiptOutcome.QUARANTINED, "；".join(filter(None, (identified.reason, note))))
    return _enter(db, receipts, packages, kept, identified, note)


def _nobodys_material(
    db: Session, receipts: list[Receipt], first: Package, kept: list[settle.Kept], roster: Roster
) -> settle.Settled | None:
    """Settle what no department sent as material (非报送来件): reports, copies of our letters, programs, re-reads."""
    known = any(sender in roster.contacts for sender in first.senders)
    if first.bounce is not None and not (known and (kept or not first.bounce.standard)):
        return reports.enter(db, receipts, first.bounce, first.forged)
    if roster.own_address in first.senders and reports.by_message_id(db, (first.message_id,)):
        return settle.mark(db, receipts, ReceiptOutcome.IGNORED, "本局发出的函件的副本，不处理")
    if first.automatic and kept:
        return settle.mark(
            db, receipts, ReceiptOutcome.QUARANTINED, "自动回复带有附件，没有登记也没有答复；请确认是否采用"
        )
    if first.automatic:
        said = one_line(first.text, 200)
        return settle.mark(
            db, receipts, ReceiptOutcome.IGNORED, f"自动回复，不处理。正文：{said}" if said else "自动回复，不处理"
        )
    if sameness.reread(db, receipts[0]):
        return settle.mark(
            db, receipts, ReceiptOutcome.DUPLICATE, "邮箱重新编号后再次读到同一封邮件，此前已处理，不再答复"
        )
    earlier = sameness.read_elsewhere(db, receipts[0], kept)
    if earlier is not None:
        return settle.mark(
            db, receipts, ReceiptOutcome.DUPLICATE, f"与来件{earlier.id}是同一封邮件，此前已处理，不再答复"
        )
    return None


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
    said = packages[0].text
    objection = identified.purpose is token.Purpose.OBJECTION and bool(said) and not only_acknowledges(said)
    if not kept and not objection:
        for receipt in receipts:
            receipt.department_id, receipt.identified_by = identified.department_id, identified.by
        said = one_line(said, 200)
        reason = f"没有附件。正文：{said}" if said else "没有附件，正文为空"
        return settle.mark(db, receipts, ReceiptOutcome.IGNORED, reason)
    try:
        with db.begin_nested():
            return settle.accept(db, receipts, identified, kept, settle.file_rows(db, kept), note, said)
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
