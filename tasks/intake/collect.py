"""Collecting (收件): take in what the channels hold, then deal with every pending receipt, one transaction each.

Can be stopped anywhere and run again: what is stored but not dealt with is pending, what is dealt with is not pending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from models.records import Letter, Receipt
from models.states import Channel, ReceiptOutcome
from tasks import filestore, settings, store
from tasks.intake import answers, dropfolder, imap, ledger, limits, maildir, settle
from tasks.intake.arrivals import Arrival, ChannelError
from tasks.intake.identify import Evidence, Identified, Unclear, identify
from tasks.intake.quarantine import released_as
from tasks.intake.roster import Roster, snapshot
from tasks.intake.unpack import Package, open_file, open_message
from tasks.intake.unzip import NamedFile
from tasks.mail import token
from tasks.mail.cleaning import one_line

Fingerprint = Callable[[bytes], str | None]
NamedInside = Callable[[str, bytes], str | None]


@dataclass
class CollectReport:
    """What a collection did (收件情况): ids of receipts by outcome, ids of new versions, channels that failed."""

    received: list[int] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    duplicates: list[int] = field(default_factory=list)
    quarantined: list[int] = field(default_factory=list)
    reviews: list[int] = field(default_factory=list)
    rectifications: list[int] = field(default_factory=list)
    objections: list[int] = field(default_factory=list)
    bounces: list[int] = field(default_factory=list)
    ignored: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def note(self, settled: settle.Settled) -> None:
        """Count a settled group (计入)."""
        lists = {
            ReceiptOutcome.SUBMISSION: self.received,
            ReceiptOutcome.DUPLICATE: self.duplicates,
            ReceiptOutcome.QUARANTINED: self.quarantined,
            ReceiptOutcome.REVIEW: self.reviews,
            ReceiptOutcome.RECTIFICATION: self.rectifications,
            ReceiptOutcome.OBJECTION: self.objections,
            ReceiptOutcome.BOUNCE: self.bounces,
            ReceiptOutcome.IGNORED: self.ignored,
        }
        lists[settled.outcome].extend(settled.receipt_ids)
        if settled.outcome is ReceiptOutcome.SUBMISSION and settled.version_id is not None:
            self.versions.append(settled.version_id)


@dataclass(frozen=True)
class Hooks:
    """What intake cannot know by itself (识别回调): reading a workbook's fingerprint, the department a report names."""

    fingerprint: Fingerprint | None = None
    named_inside: NamedInside | None = None


def collect(
    cycle_id: int,
    *,
    named_inside: NamedInside | None = None,
    fingerprint: Fingerprint | None = None,
    settle_seconds: float | None = None,
) -> CollectReport:
    """Collect everything new for a year (收件) from mailbox, IMAP and drop folder, and deal with it.

    ``fingerprint(content)`` gives a token such as 【绩效2025-101】 found inside a file, ``named_inside(name, content)`` the
    department a report names; both get hostile bytes and must not raise. No transaction is open while they run.
    """
    report = CollectReport()
    take_in_all(cycle_id, report, settings.current().drop_settle_seconds if settle_seconds is None else settle_seconds)
    with store.session() as db:
        roster = snapshot(db, cycle_id, settings.current().mail_from)
    for group in ledger.pending_groups(cycle_id):
        report.note(deal_with(group, roster, Hooks(fingerprint, named_inside)))
    return report


def take_in_all(cycle_id: int, report: CollectReport, settle_seconds: float) -> None:
    """Store and enter what is new in every channel (收件登记); a channel that fails leaves the others alone."""
    found = settings.current()
    bounds = limits.current()
    mail = ledger.known_origins(Channel.MAILBOX)
    dropped = ledger.known_origins(Channel.DROP_FOLDER)
    channels: list[tuple[str, Iterator[Arrival]]] = [
        ("本地邮箱", maildir.arrivals(found.mailbox_folder, mail, bounds)),
        ("收件文件夹", dropfolder.arrivals(found.inbox_folder, dropped, bounds, settle_seconds)),
    ]
    if found.imap_host:
        channels.append(("IMAP邮箱", imap.arrivals(found, mail, bounds)))
    for name, arrivals in channels:
        try:
            for arrival in arrivals:
                receipt_id = ledger.take_in(cycle_id, arrival)
                if receipt_id is not None and arrival.problem:
                    report.quarantined.append(receipt_id)
        except (ChannelError, OSError) as error:
            report.errors.append(f"{name}：{one_line(str(error), 300)}")


def deal_with(group: list[Receipt], roster: Roster, hooks: Hooks) -> settle.Settled:
    """Open, identify and enter one delivery (处理来件)."""
    package = opened(group)
    kept = [settle.Kept(r, f.name, filestore.keep(f.content), len(f.content)) for r, f in _by_receipt(group, package)]
    merged = [f for _, f in _by_receipt(group, package)]
    evidence = _evidence(group, [p for _, p in package], merged, hooks)
    with store.session() as db:
        receipts = _still_pending(db, group)
        if not receipts:
            return settle.Settled(ReceiptOutcome.IGNORED, ())
        _note_heads(receipts, package)
        return _decide(db, receipts, [p for _, p in package], kept, evidence, roster)


def opened(group: list[Receipt]) -> list[tuple[Receipt, Package]]:
    """Open each receipt of a group (拆件)."""
    bounds = limits.current()
    found = []
    for receipt in group:
        raw = filestore.content_of(receipt.sha256)
        if receipt.channel is Channel.MAILBOX:
            found.append((receipt, open_message(raw, bounds)))
        else:
            name = (receipt.subject or receipt.origin).rsplit("/", 1)[-1]
            found.append((receipt, open_file(name, raw, bounds)))
    return found


def _by_receipt(group: list[Receipt], package: list[tuple[Receipt, Package]]) -> list[tuple[int, NamedFile]]:
    return [(receipt.id, file) for receipt, one in package for file in one.files]


def _evidence(group: list[Receipt], packages: list[Package], files: list[NamedFile], hooks: Hooks) -> Evidence:
    mail = group[0].channel is Channel.MAILBOX
    folder = None if mail else tuple((group[0].subject or "").split("/")[:-1])
    marks = [t for f in files if hooks.fingerprint for t in token.find_all(hooks.fingerprint(f.content) or "")]
    named = [n for f in files if hooks.named_inside and (n := hooks.named_inside(f.name, f.content))]
    return Evidence(
        fingerprints=tuple(dict.fromkeys(marks)),
        tokens=tuple(token.find_all(packages[0].subject if mail else group[0].subject or "")),
        senders=packages[0].senders if mail else (),
        folder=folder,
        named_inside=tuple(dict.fromkeys(named)),
    )


def _still_pending(db: Session, group: Iterable[Receipt]) -> list[Receipt]:
    query = select(Receipt).where(col(Receipt.id).in_([r.id for r in group]), Receipt.outcome == ReceiptOutcome.PENDING)
    return list(db.exec(query.order_by(col(Receipt.id)).with_for_update()))


def _note_heads(receipts: list[Receipt], package: list[tuple[Receipt, Package]]) -> None:
    heads = {receipt.id: one for receipt, one in package}
    for receipt in receipts:
        if receipt.channel is Channel.MAILBOX:
            one = heads[receipt.id]
            receipt.sender = one_line("，".join(one.senders), 254) or None
            receipt.subject = one_line(one.subject, 400) or None


def _decide(
    db: Session,
    receipts: list[Receipt],
    packages: list[Package],
    kept: list[settle.Kept],
    evidence: Evidence,
    roster: Roster,
) -> settle.Settled:
    first = packages[0]
    if first.bounce is not None:
        return _bounced(db, receipts, first)
    if roster.own_address and roster.own_address in first.senders:
        return settle.mark(db, receipts, ReceiptOutcome.IGNORED, "本局自己发出的邮件，不处理")
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
    letters = db.exec(select(Letter).where(col(Letter.message_id).in_(bounce.message_ids))).all()
    word = "退信" if bounce.final else "投递延迟"
    for letter in letters:
        letter.error = f"{word}：{bounce.reason}"
        db.add(letter)
        receipts[0].department_id = letter.department_id
        store.record(db, "system", "letter.bounced", f"letter:{letter.key}", None, {"reason": letter.error})
    keys = "、".join(letter.key for letter in letters)
    reason = f"{word}：{bounce.reason}" + (f"（函件 {keys}）" if keys else "（找不到对应的函件）")
    return settle.mark(db, receipts, ReceiptOutcome.BOUNCE, reason)
