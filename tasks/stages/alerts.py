"""Alerts to the bureau's own staff (运行告警): one letter a day for each matter, however often it happens."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from models.records import Cycle
from models.states import LetterKind
from tasks import clock, settings, store
from tasks.mail import compose
from tasks.mail.contexts import Fact, StaffAlertContext

# Room for the day and the matter in the number that makes a letter unique.
NUMBERS = 2**31


def alert(
    kind: str,
    *,
    title: str,
    what: str,
    next_step: str,
    details: Sequence[tuple[str, str]] = (),
    happened_at: datetime | None = None,
) -> int:
    """Put an alert for everybody in JIXIAO_STAFF into the outbox (拟发运行告警); returns how many are addressed.

    0 when nobody is named or no year was ever opened (a letter belongs to a year). The same ``kind`` on the same day is
    the same letter.
    """
    people = settings.current().staff_list
    mark = f"{clock.today().isoformat()}/{kind}"
    number = int.from_bytes(hashlib.sha256(mark.encode()).digest()[:4], "big") % NUMBERS
    context = StaffAlertContext(
        title=title,
        what=what,
        next_step=next_step,
        happened_at=happened_at or clock.now(),
        details=tuple(Fact(label=label, value=value) for label, value in details),
    )
    with store.session() as db:
        cycle = db.exec(select(Cycle).order_by(col(Cycle.fiscal_year).desc())).first()
        if cycle is None:
            return 0
        for name, address in people:
            compose.queue(
                db,
                cycle=cycle,
                kind=LetterKind.STAFF_ALERT,
                context=context,
                number=number,
                to_name=name,
                to_address=address,
            )
    return len(people)
