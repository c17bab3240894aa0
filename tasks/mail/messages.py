"""Mails as they leave (邮件原文): written once, kept before the server is spoken to, handed out again byte for byte."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.records import Letter, LetterAttachment, LetterMessage
from models.states import LetterState
from tasks import clock, filestore, settings, store
from tasks.mail import smtp
from tasks.mail.smtp import Mail, UnsendableError


@dataclass(frozen=True)
class Ready:
    """A letter's mail, kept and ready to be handed over (待交付邮件): ``content`` is what lies in the file store."""

    letter_id: int
    to_address: str
    content: bytes
    sha256: str
    made_of: str
    made_at: datetime


def prepare(letter_id: int, fresh_for: timedelta) -> Ready | None:
    """Write and keep the mail of an approved letter (生成并留存邮件); None where the letter does not wait to be sent any more.

    An unchanged letter is handed over as the mail it had, with its Date, unless that is older than ``fresh_for``: whatever
    number of copies a server let through, they are one message. Raises UnsendableError where no mail can be made, and
    filestore.UnusableError where it cannot be kept now.
    """
    with store.session() as db:
        letter = db.exec(select(Letter).where(Letter.id == letter_id)).first()
        if letter is None or letter.state is not LetterState.APPROVED:
            return None
        query = select(LetterAttachment).where(LetterAttachment.letter_id == letter_id)
        files = [(a.name, a.sha256) for a in db.exec(query.order_by(col(LetterAttachment.number)))]
        last = _last(db, letter_id)
    made_of = _made_of(letter, files)
    now = clock.now()
    try:
        if last is not None and last.made_of == made_of and now - last.made_at < fresh_for:
            content = filestore.content_of(last.sha256)
            return Ready(letter_id, letter.to_address, content, last.sha256, made_of, last.made_at)
        attachments = [(name, filestore.content_of(sha256)) for name, sha256 in files]
    except filestore.LostError as error:
        raise UnsendableError(str(error)) from error
    mail = Mail(
        letter.to_name, letter.to_address, letter.subject, letter.html, letter.text, letter.message_id, attachments
    )
    content = smtp.written(settings.current(), mail)
    return Ready(letter_id, letter.to_address, content, _kept(content), made_of, now)


def _kept(content: bytes) -> str:
    try:
        return filestore.keep(content)
    except OSError as error:
        # A full disk says nothing about the letter; what could not be kept does not leave.
        raise filestore.UnusableError(
            f"邮件原文不能存入文件库 {filestore.where()}（{error.strerror}），请检查磁盘空间和权限；未发出的函件仍在待发送中"
        ) from error


def enter(db: Session, ready: Ready) -> None:
    """Enter a mail that is about to leave in its letter's record (登记邮件原文), once however often it is handed over."""
    last = _last(db, ready.letter_id)
    if last is not None and last.sha256 == ready.sha256:
        return
    db.add(
        LetterMessage(
            letter_id=ready.letter_id,
            number=last.number + 1 if last is not None else 1,
            to_address=ready.to_address,
            sha256=ready.sha256,
            size=len(ready.content),
            made_of=ready.made_of,
            made_at=ready.made_at,
        )
    )


def of_letters(db: Session, letter_ids: Sequence[int]) -> dict[int, list[LetterMessage]]:
    """The mails of letters (函件的邮件原文), in the order they were written; a letter that never left has none."""
    found: dict[int, list[LetterMessage]] = defaultdict(list)
    query = select(LetterMessage).where(col(LetterMessage.letter_id).in_(letter_ids))
    for row in db.exec(query.order_by(col(LetterMessage.letter_id), col(LetterMessage.number))):
        found[row.letter_id].append(row)
    return found


def _last(db: Session, letter_id: int) -> LetterMessage | None:
    query = select(LetterMessage).where(LetterMessage.letter_id == letter_id)
    return db.exec(query.order_by(col(LetterMessage.number).desc())).first()


def _made_of(letter: Letter, files: Sequence[tuple[str, str]]) -> str:
    """What a mail is written from (邮件构成摘要), our own name and address included."""
    found = settings.current()
    sender = (found.mail_from, found.mail_from_name)
    words = (letter.to_name, letter.to_address, letter.subject, letter.html, letter.text, letter.message_id)
    return hashlib.sha256(json.dumps([sender, words, files], ensure_ascii=False).encode()).hexdigest()
