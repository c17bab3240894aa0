"""Work that several workers share (分办事项): who has what in hand just now. Emptied when the step is done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.records.base import JsonType


class SharedWork(SQLModel, table=True):
    """One department's part of a shared step (分办事项).

    ``subject`` is the submission. Whoever takes it writes ``holder`` and ``held_until`` (seconds since 1970 by the
    database's clock) and keeps moving that on; a worker that dies stops doing so, and another takes it. This is no state
    of the year: which version is read and which card is made stands in their own tables, where each can be only once.
    """

    __table_args__ = (UniqueConstraint("lot", "subject"),)

    id: int = Field(default=None, primary_key=True)
    lot: str = Field(max_length=80, index=True)
    subject: int
    label: str = Field(max_length=200)
    holder: str | None = Field(default=None, max_length=120)
    held_until: int = Field(default=0, sa_type=BigInteger)
    attempts: int = 0
    done: bool = False
    result: dict[str, Any] | None = Field(default=None, sa_type=JsonType)
