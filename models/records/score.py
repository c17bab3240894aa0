"""Score cards (评分表), judgements of staff (人工判定) and outcomes (最终得分)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.records.base import ExactDecimal, JsonType, UtcTime


class ScoreCardRecord(SQLModel, table=True):
    """One computed score card (评分表), with everything that went into it so that it can be recomputed.

    ``inputs_digest`` covers facts, figures and rule set: scoring the same inputs again makes no new row.
    """

    __table_args__ = (UniqueConstraint("submission_id", "number"), UniqueConstraint("submission_id", "inputs_digest"))

    id: int = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    number: int
    reading_id: int = Field(foreign_key="reading.id")
    ruleset_id: str = Field(max_length=60)
    ruleset_digest: str = Field(max_length=64)
    inputs_digest: str = Field(max_length=64)
    figures: dict[str, Any] = Field(sa_type=JsonType)
    card: dict[str, Any] = Field(sa_type=JsonType)
    scored_at: datetime = Field(sa_type=UtcTime)


class Judgement(SQLModel, table=True):
    """A person's decision on a line the rules cannot decide (人工判定), with the reason. Later ones replace earlier."""

    __table_args__ = (UniqueConstraint("submission_id", "rule", "number"),)

    id: int = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    rule: str = Field(max_length=60)
    number: int
    score: Decimal = Field(sa_type=ExactDecimal)
    reason: str
    judged_by: str = Field(max_length=40)
    judged_at: datetime = Field(sa_type=UtcTime)


class OutcomeRecord(SQLModel, table=True):
    """A department's result (评价结果), in versions: a change never overwrites what was told before.

    ``edition`` is the published edition that brought the version into force; ``refused_id`` the approval matter with which a
    correction of what was published was refused: such a version stays on record and never counts.
    """

    __table_args__ = (UniqueConstraint("submission_id", "number"), UniqueConstraint("submission_id", "digest"))

    id: int = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    number: int
    card_id: int = Field(foreign_key="scorecardrecord.id")
    digest: str = Field(max_length=64)
    outcome: dict[str, Any] = Field(sa_type=JsonType)
    self_score: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    review_score: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    final_score: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    grade: str | None = Field(default=None, max_length=10)
    settled_at: datetime = Field(sa_type=UtcTime)
    edition: int | None = None
    refused_id: int | None = Field(default=None, foreign_key="approval.id")
