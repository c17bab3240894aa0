"""The outbox (发件台账): every letter that will leave, is leaving or has left."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.records.base import JsonType, UtcTime, code_type
from models.states import LetterKind, LetterState


class Letter(SQLModel, table=True):
    """One letter to one department (函件). The key (year, addressee, kind, number) makes it leave at most once.

    ``to_address`` is fixed when the letter is composed; ``to_leader`` says that it is for the department's leader in charge.
    ``SENDING`` is committed before the server is spoken to; a letter left in that state after a crash becomes ``UNKNOWN``
    and is decided by a person.
    """

    __table_args__ = (UniqueConstraint("key"), UniqueConstraint("message_id"))

    id: int = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    department_id: int | None = Field(default=None, foreign_key="department.id", index=True)
    key: str = Field(max_length=120)
    kind: LetterKind = Field(sa_type=code_type(LetterKind))
    number: int = 1
    message_id: str = Field(max_length=200)
    to_name: str = Field(max_length=120)
    to_address: str = Field(max_length=254)
    to_leader: bool = False
    subject: str = Field(max_length=400)
    html: str
    text: str
    state: LetterState = Field(default=LetterState.DRAFT, sa_type=code_type(LetterState))
    attempts: int = 0
    not_before: datetime | None = Field(default=None, sa_type=UtcTime)
    composed_at: datetime = Field(sa_type=UtcTime)
    sending_at: datetime | None = Field(default=None, sa_type=UtcTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcTime)
    error: str | None = None


class LetterAttachment(SQLModel, table=True):
    """A file that goes with a letter (附件), kept in the file store under its sha256."""

    __table_args__ = (UniqueConstraint("letter_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    letter_id: int = Field(foreign_key="letter.id", index=True)
    number: int
    name: str = Field(max_length=200)
    sha256: str = Field(max_length=64)


class LetterMessage(SQLModel, table=True):
    """A mail as it was handed to the server (邮件原文), byte for byte in the file store under its sha256.

    Entered together with ``SENDING``. Tries of an unchanged letter hand over the same one; a letter that changed (another
    address) has several, by ``number``. ``made_of`` is the digest of what it was written from.
    """

    __table_args__ = (UniqueConstraint("letter_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    letter_id: int = Field(foreign_key="letter.id", index=True)
    number: int
    to_address: str = Field(max_length=254)
    sha256: str = Field(max_length=64)
    size: int
    made_of: str = Field(max_length=64)
    made_at: datetime = Field(sa_type=UtcTime)


class MailedAgain(SQLModel, table=True):
    """A letter that came back and was mailed again to another address (补发登记): who decided so and why.

    Each letter is mailed again at most once; one that comes back as well may be mailed again in its turn. ``edition`` is
    2 for the first of them.
    """

    __table_args__ = (UniqueConstraint("letter_id"), UniqueConstraint("again_id"))

    id: int = Field(default=None, primary_key=True)
    letter_id: int = Field(foreign_key="letter.id")
    again_id: int = Field(foreign_key="letter.id")
    edition: int
    reason: str = Field(max_length=500)
    decided_by: str = Field(max_length=60)
    decided_at: datetime = Field(sa_type=UtcTime)


class MailTally(SQLModel, table=True):
    """Counters a channel remembers between runs (邮箱读取位置): UIDVALIDITY and the like."""

    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=200)
    value: dict[str, str] = Field(default_factory=dict, sa_type=JsonType)
