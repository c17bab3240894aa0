"""A decision is taken once, by another person than the preparer, on the content that was seen."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from models.records import Approval, AuditEvent, Cycle
from models.states import Decision, Gate
from tasks import clock, lookup, store
from tasks.stages import gates

ONE, TWO = "1" * 64, "2" * 64


@pytest.fixture
def year(database: str) -> None:
    with store.session() as db:
        db.add(
            Cycle(
                fiscal_year=2025,
                county="清禾县",
                bureau="清禾县财政局",
                office="绩效评价股",
                ruleset_id="practice-2025",
                ruleset_digest="0" * 64,
                opened_at=clock.now(),
            )
        )


def put(digest: str, who: str = "经办甲") -> None:
    with store.session() as db:
        gates.put_before(db, lookup.cycle_of(db, 2025), Gate.DRAW, digest, who, {})


def decide(**changes: Any) -> Approval:
    known = {"digest": ONE, "decision": Decision.APPROVED, "who": "负责人乙"}
    return gates.decide(2025, Gate.DRAW, **(known | changes))


def test_the_same_content_is_put_once_and_changed_content_anew(year: None) -> None:
    put(ONE)
    put(ONE)
    put(TWO)
    with store.session() as db:
        assert [a.digest for a in db.exec(select(Approval).order_by(Approval.id))] == [ONE, TWO]


def test_an_approval_holds_for_its_content_only(year: None) -> None:
    put(ONE)
    decide()
    with store.session() as db:
        cycle = lookup.cycle_of(db, 2025)
        assert lookup.approved(db, cycle, Gate.DRAW, ONE)
        assert not lookup.approved(db, cycle, Gate.DRAW, TWO)
    put(TWO)
    with store.session() as db:
        assert not lookup.approved(db, lookup.cycle_of(db, 2025), Gate.DRAW, ONE), "something newer waits"
    with pytest.raises(gates.GateError, match="有变化"):
        decide(digest=ONE)


def test_eight_characters_of_the_digest_are_enough_and_seven_are_not(year: None) -> None:
    put(ONE)
    with pytest.raises(gates.GateError, match="有变化"):
        decide(digest=ONE[:7])
    assert decide(digest=ONE[:8]).decision is Decision.APPROVED


@pytest.mark.parametrize("who", ["经办甲", " 经办甲 ", "经办 甲", "经办\u3000甲"])
def test_the_preparer_cannot_approve_however_the_name_is_spaced(year: None, who: str) -> None:
    put(ONE)
    with pytest.raises(gates.GateError, match="须由另一人审批"):
        decide(who=who)


@pytest.mark.parametrize(
    "changes", [{"who": "  "}, {"decision": Decision.REFUSED}, {"decision": Decision.REFUSED, "reason": " "}]
)
def test_no_name_and_no_reason_are_refused(year: None, changes: dict[str, Any]) -> None:
    put(ONE)
    with pytest.raises(gates.GateError, match="填写"):
        decide(**changes)


def test_deciding_the_same_again_changes_nothing_and_the_opposite_is_refused(year: None) -> None:
    put(ONE)
    first = decide()
    assert decide(who="负责人丙").decided_by == first.decided_by == "负责人乙"
    with pytest.raises(gates.GateError, match="不能改判"):
        decide(decision=Decision.REFUSED, reason="另有考虑。")
    with store.session() as db:
        events = [e.what for e in db.exec(select(AuditEvent).order_by(AuditEvent.number))]
    assert events == ["gate.prepared", "gate.decided"]


def test_refused_content_can_be_put_again_under_the_next_number(year: None) -> None:
    put(ONE)
    decide(decision=Decision.REFUSED, reason="请补充。")
    put(ONE)
    with store.session() as db:
        assert [(a.number, a.decision) for a in db.exec(select(Approval).order_by(Approval.id))] == [
            (1, Decision.REFUSED),
            (2, None),
        ]
