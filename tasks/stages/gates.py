"""Gates (审批): what waits for a person's decision, and the decision with name, reason and the digest decided on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func
from sqlmodel import Session, select

from models.records import Approval, Cycle
from models.states import Decision, Gate
from tasks import clock, lookup, store
from tasks.stages import refusing


class GateError(ValueError):
    """A decision that cannot be taken (审批被拒绝); the message says why and what to do, in Chinese."""


def put_before(
    db: Session, cycle: Cycle, gate: Gate, digest: str, prepared_by: str, summary: dict[str, Any]
) -> Approval:
    """Put something before the approver (提请审批). The same content is put once; changed content anew."""
    last = lookup.latest_approval(db, cycle, gate)
    if last is not None and last.digest == digest and last.decision is not Decision.REFUSED:
        return last
    earlier = select(func.max(Approval.number)).where(
        Approval.cycle_id == cycle.id, Approval.gate == gate, Approval.digest == digest
    )
    made = Approval(
        cycle_id=cycle.id,
        gate=gate,
        digest=digest,
        number=(db.exec(earlier).one() or 0) + 1,
        prepared_by=prepared_by,
        prepared_at=clock.now(),
        summary=summary,
    )
    db.add(made)
    store.record(db, prepared_by, "gate.prepared", f"{cycle.fiscal_year}/{gate}", None, {"digest": digest} | summary)
    return made


def decide(fiscal_year: int, gate: Gate, *, digest: str, decision: Decision, who: str, reason: str = "") -> Approval:
    """Record a decision (审批). The digest must be that of what waits now; the approver must not be the preparer.

    Raises GateError when nothing waits, the digest is stale, approver = preparer, a refusal has no reason, or the same
    content was already decided differently. Deciding the same again changes nothing.
    """
    who, reason = who.strip(), reason.strip()
    if not who:
        raise GateError("请填写审批人姓名。")
    if decision is Decision.REFUSED and not reason:
        raise GateError("不同意时必须填写理由。")
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        waiting = lookup.latest_approval(db, cycle, gate)
        if waiting is None:
            raise GateError(f"{fiscal_year}年度目前没有待审批的“{gate.label}”事项。")
        if not digest or not waiting.digest.startswith(digest) or len(digest) < 8:
            raise GateError(
                f"“{gate.label}”的内容在您查看之后有变化（您审批的摘要 {digest[:12]}，现摘要 {waiting.digest[:12]}），"
                "请重新查看后再审批。"
            )
        if waiting.decision is decision:
            return waiting
        if waiting.decision is not None:
            raise GateError(f"“{gate.label}”已由{waiting.decided_by}审批为“{waiting.decision.label}”，不能改判。")
        if _unspaced(waiting.prepared_by) == _unspaced(who):
            raise GateError(f"“{gate.label}”由{who}拟办，须由另一人审批。")
        waiting.decision, waiting.decided_by, waiting.reason = decision, who, reason or None
        waiting.decided_at = clock.now()
        db.add(waiting)
        store.record(
            db,
            who,
            "gate.decided",
            f"{fiscal_year}/{gate}",
            None,
            {"decision": str(decision), "digest": waiting.digest, "reason": reason or None},
        )
        if decision is Decision.REFUSED and gate is Gate.CORRECTION:
            refusing.take_back(db, cycle, waiting)
        return waiting


def _unspaced(name: str) -> str:
    """A name without the blanks that some put between its characters (姓名去空格)."""
    return "".join(name.split())
