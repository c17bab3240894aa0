"""Composing letters into the outbox (拟函): a key that is the same every time makes each letter exist once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.records import Contact, Cycle, Department, Letter, LetterAttachment
from models.states import ContactRole, LetterKind, LetterState
from tasks import clock, filestore, settings, store
from tasks.mail import delivery, token
from tasks.mail.cleaning import file_label, one_line, valid_address
from tasks.mail.contexts import CONTEXTS, Context, CorrectionContext, DuplicateContext, NoticeContext
from tasks.mail.rendering import Letterhead, Rendered, render

KEY_LENGTH = 120


class ComposeError(ValueError):
    """A letter cannot be composed (无法拟函); the message says why and what to do."""


def key_of(cycle: Cycle, kind: LetterKind, number: int, code_or_address: str) -> str:
    """The key that makes a letter unique (函件唯一键): year/addressee/kind/number."""
    ending = f"/{kind.value}/{number}"
    start = f"{cycle.fiscal_year}/{code_or_address}"
    if len(start) + len(ending) > KEY_LENGTH:
        start = f"{cycle.fiscal_year}/{hashlib.sha256(code_or_address.encode()).hexdigest()[:32]}"
    return start + ending


def message_id_of(key: str) -> str:
    """The Message-ID that belongs to a key (邮件标识), the same every time."""
    domain = re.sub(r"[^A-Za-z0-9.-]", "", settings.current().message_domain) or "localhost"
    readable = re.sub(r"[^A-Za-z0-9._-]", "", key.replace("@", ".at.").replace("/", "."))[:80]
    return f"<{readable}.{hashlib.sha256(key.encode()).hexdigest()[:16]}@{domain}>"


def find(db: Session, key: str) -> Letter | None:
    """The letter with this key (按唯一键查函件)."""
    return db.exec(select(Letter).where(Letter.key == key)).first()


def queue(
    db: Session,
    *,
    cycle: Cycle,
    kind: LetterKind,
    context: Context,
    number: int = 1,
    department: Department | None = None,
    to_name: str | None = None,
    to_address: str | None = None,
    to_leader: bool = False,
    attachments: Sequence[tuple[str, bytes]] = (),
    approved: bool = True,
    not_before: datetime | None = None,
) -> Letter:
    """Put one letter into the outbox (拟函), inside the caller's transaction.

    The addressee is the department's handler (escalation, or ``to_leader``: its leader) unless given; a department that is
    told otherwise gets its letters without an address, to be brought. A key that is already there returns the letter as it
    is, unchanged. Raises ComposeError when there is no usable address or the context is of another kind.
    """
    to_leader = to_leader or kind is LetterKind.ESCALATION
    if not isinstance(context, CONTEXTS[kind]):
        raise ComposeError(f"“{kind.label}”需要 {CONTEXTS[kind].__name__}，收到的是 {type(context).__name__}")
    if department is None and not to_address:
        raise ComposeError(f"“{kind.label}”没有收件单位，也没有收件地址")
    key = key_of(cycle, kind, number, department.code if department else str(to_address))
    existing = find(db, key)
    if existing:
        return existing
    name, address = addressee(db, cycle.id, kind, department, to_name, to_address, to_leader=to_leader)
    labels = tuple(file_label(label) for label, _ in attachments)
    personal = to_name or department is None or to_leader
    salutation = salutation_to(name, department) if personal or department is None else department.name
    written = render(kind, _letterhead(cycle, kind, department, salutation, labels, context), context)
    letter = Letter(
        cycle_id=cycle.id,
        department_id=department.id if department else None,
        key=key,
        kind=kind,
        number=number,
        message_id=message_id_of(key),
        to_name=name,
        to_address=address,
        to_leader=to_leader,
        subject=written.subject,
        html=written.html,
        text=written.text,
        state=_first_state(address, approved),
        not_before=not_before,
        composed_at=clock.now(),
    )
    try:
        with db.begin_nested():
            db.add(letter)
            db.flush()
    except IntegrityError:
        # Another run composed it between our look and our write.
        existing = find(db, key)
        if existing is None:
            raise
        return existing
    _attach(db, letter, labels, attachments)
    store.record(db, "system", "letter.composed", f"letter:{key}", None, {"state": letter.state.value, "to": address})
    return letter


def redraft(
    db: Session,
    letter: Letter,
    *,
    cycle: Cycle,
    context: Context,
    department: Department,
    attachments: Sequence[tuple[str, bytes]],
    who: str,
) -> bool:
    """Write a draft anew whose attachments have changed (重拟待批函件); whether it was. Anything but a draft stays as it is."""
    held = db.exec(
        select(LetterAttachment).where(LetterAttachment.letter_id == letter.id).order_by(col(LetterAttachment.number))
    ).all()
    old = [one.sha256 for one in held]
    new = [hashlib.sha256(content).hexdigest() for _, content in attachments]
    if letter.state is not LetterState.DRAFT or old == new:
        return False
    for one in held:
        db.delete(one)
    db.flush()
    labels = tuple(file_label(label) for label, _ in attachments)
    written = render(
        letter.kind, _letterhead(cycle, letter.kind, department, department.name, labels, context), context
    )
    letter.subject, letter.html, letter.text = written.subject, written.html, written.text
    db.add(letter)
    _attach(db, letter, labels, attachments)
    store.record(db, who, "letter.redrafted", f"letter:{letter.key}", {"attachments": old}, {"attachments": new})
    return True


def _attach(db: Session, letter: Letter, labels: Sequence[str], attachments: Sequence[tuple[str, bytes]]) -> None:
    for position, (label, (_, content)) in enumerate(zip(labels, attachments, strict=True), start=1):
        kept = filestore.keep(content)
        db.add(LetterAttachment(letter_id=letter.id, number=position, name=label, sha256=kept))


def _first_state(address: str, approved: bool) -> LetterState:
    if not approved:
        return LetterState.DRAFT
    return LetterState.APPROVED if address else LetterState.TO_DELIVER


def addressee(
    db: Session,
    cycle_id: int,
    kind: LetterKind,
    department: Department | None,
    to_name: str | None = None,
    to_address: str | None = None,
    *,
    to_leader: bool = False,
) -> tuple[str, str]:
    """Name and address a letter goes to (收件人); raises ComposeError when there is none that can be used.

    The address is empty for a department that is told otherwise (另行送达).
    """
    name, address = to_name, to_address
    if address is None and department is not None:
        contact = contact_of(db, department, leader_first=to_leader or kind is LetterKind.ESCALATION)
        if delivery.in_force(db, cycle_id, department.id) is not None:
            return one_line(name or (contact.name if contact else department.name), limit=100), ""
        if contact is None:
            raise ComposeError(
                f"{department.name}（{department.code}）在名册中没有联系人，无法发送“{kind.label}”；请在名册中补充邮箱，或者登记另行送达"
            )
        name, address = name or contact.name, contact.address
    address = (address or "").strip()
    if not valid_address(address):
        whom = f"{department.name}（{department.code}）" if department else (to_name or "收件人")
        raise ComposeError(f"{whom}的邮箱地址“{one_line(address, 80)}”不能使用；请在名册中更正后重试")
    return one_line(name or (department.name if department else address), limit=100), address


def can_be_mailed(db: Session, department: Department) -> bool:
    """Whether a department's letters would reach a working address (邮箱是否可用)."""
    contact = contact_of(db, department)
    return contact is not None and valid_address(contact.address)


def contact_of(db: Session, department: Department, *, leader_first: bool = False) -> Contact | None:
    """Whom a department's letters go to (收件联系人): its handler, or for an escalation its leader; else whoever there is."""
    found = db.exec(select(Contact).where(Contact.department_id == department.id).order_by(col(Contact.id))).all()
    wanted = ContactRole.LEADER if leader_first else ContactRole.HANDLER
    return next((c for c in found if c.role is wanted), found[0] if found else None)


def _letterhead(
    cycle: Cycle,
    kind: LetterKind,
    department: Department | None,
    salutation: str,
    labels: tuple[str, ...],
    context: Context,
    dated: date | None = None,
) -> Letterhead:
    purpose = token.ANSWERED_WITH.get(kind)
    if isinstance(context, DuplicateContext | CorrectionContext):
        purpose = context.purpose
    mark = token.make(cycle.fiscal_year, department.code, purpose) if department and purpose is not None else ""
    return Letterhead(
        bureau=one_line(cycle.bureau),
        office=one_line(cycle.office),
        county=one_line(cycle.county),
        fiscal_year=cycle.fiscal_year,
        document_number=context.document_number if isinstance(context, NoticeContext) else None,
        department_name=one_line(department.name) if department else "",
        department_code=one_line(department.code) if department else "",
        salutation=one_line(salutation),
        dated=dated or clock.today(),
        token=one_line(mark),
        reply_address=settings.current().mail_from,
        attachments=labels,
    )


def preview(
    kind: LetterKind,
    cycle: Cycle,
    department: Department | None,
    context: Context,
    *,
    to_name: str | None = None,
    attachments: Sequence[str] = (),
    dated: date | None = None,
) -> Rendered:
    """A letter as it would look (函件预览); nothing is stored. ``attachments`` are names, ``dated`` is today unless given."""
    salutation = salutation_to(to_name, department) if to_name else department.name if department else "工作人员"
    return render(kind, _letterhead(cycle, kind, department, salutation, tuple(attachments), context, dated), context)


def salutation_to(name: str, department: Department | None) -> str:
    """How a person is addressed (称谓): a leader or a reviewer as officials do; a letter about no department by the name."""
    return name if department is None or name == department.name else f"{name}同志"
