"""What a channel hands over (来件): bytes with the place they came from, before anybody has looked inside."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from models.states import Channel
from tasks import clock

ORIGIN_LENGTH = 400


@dataclass(frozen=True)
class Arrival:
    """One message or file in a channel (来件). ``problem`` says why the bytes are not complete, if they are not."""

    channel: Channel
    origin: str
    content: bytes
    received_at: datetime
    subject: str | None = None
    problem: str | None = None
    size: int | None = None


class ChannelError(RuntimeError):
    """A channel cannot be read now (收件渠道不可用), with what to check; nothing was lost."""


def origin_of(place: str) -> str:
    """A place as the ledger keeps it (来源): very long ones end with a digest, so that they stay unique."""
    if len(place) <= ORIGIN_LENGTH:
        return place
    return f"{place[: ORIGIN_LENGTH - 33]}#{hashlib.sha256(place.encode()).hexdigest()[:32]}"


def no_later_than_now(moment: datetime) -> datetime:
    """When something arrived (到达时刻): the channel's time, but never in the future of the bureau's clock."""
    return min(moment.astimezone(UTC), clock.now())
