"""What staff corrected in a reading (人工更正), kept beside the reading and never in its place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.records.base import JsonType, UtcTime


class CorrectionRecord(SQLModel, table=True):
    """One correction (一项更正) of one value, by its stable path. Appended; a later number replaces an earlier one.

    ``value`` None means that the report has nothing there; ``withdrawn`` takes the earlier corrections of the path back.
    ``material`` is the digest of the version that was looked at, ``file_sha256`` that of its source file,
    ``source_digest`` that of value and quote as read.
    """

    __table_args__ = (UniqueConstraint("submission_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    number: int
    version_id: int = Field(foreign_key="submissionversion.id", index=True)
    path: str = Field(index=True)
    label: str
    read_value: str | None = None
    source: dict[str, Any] | None = Field(default=None, sa_type=JsonType)  # quote and place, models.document.Source
    material: str = Field(max_length=64)
    file_sha256: str = Field(max_length=64)
    source_digest: str = Field(max_length=64)
    value: str | None = None
    withdrawn: bool = False
    reason: str
    corrected_by: str = Field(max_length=40)
    corrected_at: datetime = Field(sa_type=UtcTime)


class CardCorrection(SQLModel, table=True):
    """Which corrections a score card was computed with (评分所用更正), so that the card can be recomputed."""

    __table_args__ = (UniqueConstraint("card_id", "correction_id"),)

    id: int = Field(default=None, primary_key=True)
    card_id: int = Field(foreign_key="scorecardrecord.id", index=True)
    correction_id: int = Field(foreign_key="correctionrecord.id", index=True)
