"""The spot check (抽查复核): draws, drawn departments and the reviewers' line scores."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.records.base import ExactDecimal, JsonType, UtcTime, code_type
from models.states import ReviewSeat


class DrawRecord(SQLModel, table=True):
    """One draw (抽取), kept for good. A redraw has the next number and a reason; the first stays."""

    __table_args__ = (UniqueConstraint("cycle_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    number: int
    seed: str = Field(max_length=200)
    record: dict[str, Any] = Field(sa_type=JsonType)
    digest: str = Field(max_length=64)
    prepared_by: str = Field(max_length=40)
    redraw_reason: str | None = None
    drawn_at: datetime = Field(sa_type=UtcTime)


class Review(SQLModel, table=True):
    """One person's part in the review of a drawn department (复核任务). ``workbook_sha256`` is the accepted workbook.

    Two reviewers do not see each other's workbook; who settles what they differ in is neither of them.
    """

    __table_args__ = (UniqueConstraint("draw_id", "submission_id", "seat"),)

    id: int = Field(default=None, primary_key=True)
    draw_id: int = Field(foreign_key="drawrecord.id", index=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    seat: ReviewSeat = Field(default=ReviewSeat.FIRST, sa_type=code_type(ReviewSeat))
    reviewer: str = Field(max_length=40)
    reviewer_address: str = Field(max_length=254)
    workbook_sha256: str | None = Field(default=None, max_length=64)
    recorded_at: datetime | None = Field(default=None, sa_type=UtcTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcTime)  # taken back by a redraw
    cancelled_because: str | None = None


class ReviewLine(SQLModel, table=True):
    """One reviewed line (复核得分). A deduction carries its reason and criterion."""

    __table_args__ = (UniqueConstraint("review_id", "rule"),)

    id: int = Field(default=None, primary_key=True)
    review_id: int = Field(foreign_key="review.id", index=True)
    rule: str = Field(max_length=60)
    score: Decimal = Field(sa_type=ExactDecimal)
    reason: str | None = None
    criterion: str | None = None
