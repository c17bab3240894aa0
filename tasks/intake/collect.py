"""Collecting (收件): take in what the channels hold, then deal with every pending receipt, one transaction each.

Can be stopped anywhere and run again: what is stored but not dealt with is pending, what is dealt with is not pending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from models.records import Cycle, Receipt
from models.states import Channel, CycleState, ReceiptOutcome
from tasks import filestore, settings, store
from tasks.intake import decide, dropfolder, imap, ledger, limits, maildir, reports, settle
from tasks.intake.arrivals import Arrival, ChannelError
from tasks.intake.identify import Evidence
from tasks.intake.parts import NamedFile
from tasks.intake.roster import Roster, snapshot
from tasks.intake.unpack import MALFORMED, Package, open_file, open_message
from tasks.mail import token
from tasks.mail.cleaning import one_line

# What reading foreign bytes can raise; a programming error that is none of these still stops the run.
UNREADABLE = (*MALFORMED, OSError, RuntimeError, MemoryError)

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

    def fingerprint_of(self, file: NamedFile) -> str | None:
        """The token inside a file (指纹); a file that cannot be read has none, which the reading step will say."""
        with suppress(*UNREADABLE):
            return self.fingerprint(file.content) if self.fingerprint else None
        return None

    def named_in(self, file: NamedFile) -> str | None:
        """The department a file names (材料内单位名称); None when it cannot be read."""
        with suppress(*UNREADABLE):
            return self.named_inside(file.name, file.content) if self.named_inside else None
        return None


def collect(
    cycle_id: int,
    *,
    named_inside: NamedInside | None = None,
    fingerprint: Fingerprint | None = None,
    settle_seconds: float | None = None,
) -> CollectReport:
    """Collect everything new for a year (收件) from mailbox, IMAP and drop folder, and deal with it.

    ``fingerprint(content)`` gives a token such as 【绩效2025-101】 found inside a file, ``named_inside(name, content)`` the
    department a report names; both get hostile bytes, so let them work in a child process with limits. No transaction is
    open while they run.
    """
    report = CollectReport()
    take_in_all(cycle_id, report, settings.current().drop_settle_seconds if settle_seconds is None else settle_seconds)
    with store.session() as db:
        roster = snapshot(db, cycle_id, settings.current().mail_from)
    for group in ledger.pending_groups(cycle_id):
        try:
            report.note(deal_with(group, roster, Hooks(fingerprint, named_inside)))
        except (*UNREADABLE, SQLAlchemyError) as error:
            # One delivery must not hold up the others; it stays pending and is named until it is dealt with.
            which = "、".join(str(receipt.id) for receipt in group)
            report.errors.append(f"来件 {which} 处理时出错，仍为待处理：{one_line(str(error), 300)}")
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
    evidence = _evidence(group, [p for _, p in package], merged, hooks, roster)
    roster = _of_marked_year(group, evidence, roster)
    with store.session() as db:
        receipts = _still_pending(db, group)
        if not receipts:
            return settle.Settled(ReceiptOutcome.IGNORED, ())
        _note_heads(receipts, package)
        return decide.decide(db, receipts, [p for _, p in package], kept, evidence, roster)


def _of_marked_year(group: list[Receipt], evidence: Evidence, roster: Roster) -> Roster:
    """Move a delivery to the year its marks name (归入所标年度), if there is such a year: two years may overlap."""
    years = {mark.fiscal_year for mark in evidence.fingerprints + evidence.tokens}
    if len(years) != 1 or roster.fiscal_year in years:
        return roster
    with store.session() as db:
        cycle = db.exec(select(Cycle).where(Cycle.fiscal_year == years.pop())).first()
        if cycle is None or not _takes(cycle, evidence):
            return roster
        for receipt in _still_pending(db, group):
            store.record(
                db, "system", "receipt.moved", f"receipt:{receipt.id}", {"cycle": receipt.cycle_id}, {"cycle": cycle.id}
            )
            receipt.cycle_id = cycle.id
            db.add(receipt)
        return snapshot(db, cycle.id, roster.own_address)


def _takes(cycle: Cycle, evidence: Evidence) -> bool:
    """Whether a year still takes what is marked for it (该年度仍收件). An answer to last year's thread stays with the year
    at work, where people see that it waits for them."""
    marks = evidence.fingerprints or evidence.tokens
    if any(mark.purpose is token.Purpose.MATERIAL for mark in marks):
        return cycle.state in settle.OPEN_FOR_MATERIAL
    return cycle.state is not CycleState.CLOSED


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


def _evidence(
    group: list[Receipt], packages: list[Package], files: list[NamedFile], hooks: Hooks, roster: Roster
) -> Evidence:
    mail = group[0].channel is Channel.MAILBOX
    folder = None if mail else tuple((group[0].subject or "").split("/")[:-1])
    marks = [t for f in files for t in token.find_all(hooks.fingerprint_of(f) or "")]
    tokens = tuple(token.find_all(packages[0].subject if mail else group[0].subject or ""))
    replies = () if marks or tokens or not mail else _answered(packages[0], roster)
    # Reading a report takes seconds and the reading step checks the name it prints anyway: it is only asked here where
    # neither a mark of ours nor a folder says whose the delivery is.
    told = marks or tokens or replies or (folder and roster.by_folder(folder[0]) is not None)
    named = [] if told else [n for f in files if (n := hooks.named_in(f))]
    return Evidence(
        fingerprints=tuple(dict.fromkeys(marks)),
        tokens=tokens,
        replies=replies,
        senders=packages[0].senders if mail else (),
        folder=folder,
        named_inside=tuple(dict.fromkeys(named)),
    )


def _answered(package: Package, roster: Roster) -> tuple[token.Token, ...]:
    """The mark of the letter that a mail answers (所回复函件的标记), for whoever retyped the subject; this year's only."""
    with store.session() as db:
        subjects = {letter.message_id: letter.subject for letter in reports.by_message_id(db, package.replied_to)}
    marks = (token.parse(subjects[one]) for one in package.replied_to if one in subjects)
    return tuple(m for m in marks if m is not None and m.fiscal_year == roster.fiscal_year)[:1]


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
            receipt.message_id = one.message_id or None
