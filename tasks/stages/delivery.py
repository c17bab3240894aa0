"""Departments that are not told by mail (另行送达部门): who decided so and why, until the address is corrected."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from models.records import Cycle, Department, Letter, OtherDelivery
from models.states import CycleState, DeliveryMeans, LetterState
from tasks import clock, lookup, store
from tasks.mail import compose, decisions, delivery

# What a decision takes off the mail: nothing that is on its way or has arrived.
ON_HAND = (LetterState.DRAFT, LetterState.APPROVED, LetterState.FAILED)


class DeliveryError(ValueError):
    """Something about a delivery that cannot be recorded (不能这样登记); the message says why and what to do."""


def tell_otherwise(fiscal_year: int, codes: Sequence[str], means: DeliveryMeans, reason: str, who: str) -> str:
    """Record that departments' letters are brought and not mailed (登记另行送达), all of them or none.

    From now on their letters wait to be brought; those that have not left are taken off the mail. The same record again
    changes nothing; another means or reason replaces the record. Raises DeliveryError when nothing can be recorded.
    """
    reason, who = reason.strip(), who.strip()
    if not codes or not reason or not who:
        raise DeliveryError("登记另行送达必须填写部门、理由和经办人。")
    with store.session() as db:
        cycle = _open_year(db, fiscal_year)
        departments = chosen_departments(db, cycle, codes)
        new = [department for department in departments if _record(db, cycle, department, means, reason, who)]
        moved = sum(delivery.put_on_paper(db, _of(db, cycle, department, ON_HAND), who) for department in departments)
    if not new:
        return f"{_names(departments)}此前已登记为{means.label}，没有变化。"
    return f"{_names(new)}的函件自今日起改为{means.label}；尚未发出的{moved}封一并改为另行送达。"


def tell_by_mail(fiscal_year: int, codes: Sequence[str], reason: str, who: str) -> str:
    """Go back to mail for departments whose address was corrected (恢复邮件发送), all of them or none.

    What waits to be brought goes to the address the roster names now. Raises DeliveryError when a department is not told
    otherwise, or when its address still cannot be used.
    """
    reason, who = reason.strip(), who.strip()
    if not codes or not reason or not who:
        raise DeliveryError("恢复邮件发送必须填写部门、理由和经办人。")
    with store.session() as db:
        cycle = _open_year(db, fiscal_year)
        departments = chosen_departments(db, cycle, codes)
        held = delivery.all_in_force(db, cycle.id)
        without = [department for department in departments if not compose.can_be_mailed(db, department)]
        if without:
            raise DeliveryError(f"{_names(without)}在名册中仍没有可用的邮箱，请先更正部门名册并重新导入。")
        departments = [department for department in departments if department.id in held]
        moved = sum(_end(db, cycle, held[department.id], department, reason, who) for department in departments)
    if not departments:
        return "所选部门的函件本来就由邮件发送，没有变化。"
    return f"{_names(departments)}的函件恢复由邮件发送；待送达的{moved}封改发名册中的邮箱。"


def _open_year(db: Session, fiscal_year: int) -> Cycle:
    cycle = lookup.cycle_of(db, fiscal_year)
    if cycle.state is CycleState.CLOSED:
        raise DeliveryError(f"{fiscal_year}年度已办结，不再发送函件。")
    return cycle


def chosen_departments(db: Session, cycle: Cycle, codes: Sequence[str]) -> list[Department]:
    """Departments by their codes (所选部门); raises DeliveryError naming every code that the year does not know."""
    named = {department.code: department for _, department in lookup.submissions(db, cycle)}
    unknown = [code for code in codes if code not in named]
    if unknown:
        raise DeliveryError(f"{cycle.fiscal_year}年度没有代码为{'、'.join(unknown)}的部门，请核对后重新填写。")
    return [named[code] for code in dict.fromkeys(codes)]


def _record(db: Session, cycle: Cycle, department: Department, means: DeliveryMeans, reason: str, who: str) -> bool:
    """One department's decision (登记一个部门); whether it is new. An earlier one with other words ends with it."""
    held = delivery.in_force(db, cycle.id, department.id)
    if held is not None and (held.means, held.reason) == (means, reason):
        return False
    if held is not None:
        held.ended_by, held.ended_because, held.ended_at = who, f"改为：{reason}"[:500], clock.now()
        db.add(held)
    query = select(OtherDelivery).where(
        OtherDelivery.cycle_id == cycle.id, OtherDelivery.department_id == department.id
    )
    made = OtherDelivery(
        cycle_id=cycle.id,
        department_id=department.id,
        number=len(db.exec(query).all()) + 1,
        means=means,
        reason=reason,
        recorded_by=who,
        recorded_at=clock.now(),
    )
    db.add(made)
    db.flush()
    old = {"means": str(held.means), "reason": held.reason} if held else None
    new = {"means": str(means), "reason": reason}
    store.record(db, who, "delivery.decided", f"{cycle.fiscal_year}/{department.code}", old, new)
    return True


def _end(db: Session, cycle: Cycle, held: OtherDelivery, department: Department, reason: str, who: str) -> int:
    held.ended_by, held.ended_because, held.ended_at = who, reason, clock.now()
    db.add(held)
    db.flush()
    old = {"means": str(held.means), "reason": held.reason}
    store.record(db, who, "delivery.ended", f"{cycle.fiscal_year}/{department.code}", old, {"reason": reason})
    states = (LetterState.DRAFT, LetterState.TO_DELIVER)
    return decisions.readdress(db, _of(db, cycle, department, states, without_address=True), who)


def _of(
    db: Session,
    cycle: Cycle,
    department: Department,
    states: Sequence[LetterState],
    *,
    without_address: bool = False,
) -> list[Letter]:
    query = select(Letter).where(
        Letter.cycle_id == cycle.id, Letter.department_id == department.id, col(Letter.state).in_(states)
    )
    if without_address:
        query = query.where(Letter.to_address == "")
    return list(db.exec(query.order_by(col(Letter.id))))


def _names(departments: Sequence[Department]) -> str:
    return "、".join(f"{department.name}（{department.code}）" for department in departments)
