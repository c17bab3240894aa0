"""The audit trail (审计日志): appended, never changed, each event chained to the one before."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from models.records.base import JsonType, UtcTime

GENESIS = "0" * 64


class AuditEvent(SQLModel, table=True):
    """One event (审计事件): who did what to which thing, what it was before and after, chained by ``previous``."""

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcTime)
    who: str = Field(max_length=60)
    what: str = Field(max_length=60)
    subject: str = Field(max_length=200, index=True)
    old: dict[str, Any] | None = Field(default=None, sa_type=JsonType)
    new: dict[str, Any] | None = Field(default=None, sa_type=JsonType)
    previous: str = Field(max_length=64)
    digest: str = Field(max_length=64)

    def content(self) -> dict[str, Any]:
        """What the digest covers (事件内容), as plain JSON values."""
        return {
            "number": self.number,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "who": self.who,
            "what": self.what,
            "subject": self.subject,
            "old": self.old,
            "new": self.new,
            "previous": self.previous,
        }

    def seal(self) -> str:
        """The digest of this event (摘要): sha256 over its canonical JSON, the previous digest included."""
        text = json.dumps(self.content(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
