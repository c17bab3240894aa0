"""Letters that are brought and not mailed (送达登记): what waits, and the record of each delivery with its proof."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models.records import Cycle, Department, Letter, LetterDelivery, OtherDelivery
from models.states import DeliveryMeans, LetterState
from tasks import clock, lookup, store
from tasks.mail import again, compose, delivery
from tasks.stages.delivery import DeliveryError, chosen_departments

# A letter in one of these states can be brought by somebody; a sent one only when it came back.
BRINGABLE = (LetterState.TO_DELIVER, LetterState.FAILED, LetterState.UNKNOWN)


@dataclass(frozen=True)
class Proof:
    """How letters were brought (送达情况): the means, the day, and who signed or the number of the receipt."""

    means: DeliveryMeans
    delivered_on: date
    signed_by: str = ""
    receipt_number: str = ""
    remark: str = ""

    def words(self) -> dict[str, str]:
        """The proof as plain values for the audit trail (审计用)."""
        told = {"means": str(self.means), "delivered_on": self.delivered_on.isoformat(), "signed_by": self.signed_by}
        told |= {"receipt_number": self.receipt_number, "remark": self.remark}
        return {name: value for name, value in told.items() if value}


def record(
    fiscal_year: int,
    proof: Proof,
    who: str,
    *,
    letters: Sequence[int] = (),
    codes: Sequence[str] = (),
    expected: int | None = None,
) -> str:
    """Record that letters were brought (登记送达), all of them or none; returns a sentence.

    ``letters`` are letters by their numbers; ``codes`` stand for everything that waits for these departments, which must be
    exactly ``expected`` letters, so that a letter composed meanwhile is not called delivered. The same record again changes
    nothing. Raises DeliveryError naming every letter that cannot be recorded so.
    """
    who = who.strip()
    _check_proof(proof, who)
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        chosen = _by_number(db, cycle, letters)
        if codes:
            chosen += _waiting_for(db, cycle, codes, expected)
        chosen = list({letter.id: letter for letter in chosen}.values())
        if not chosen:
            raise DeliveryError("没有选择任何函件，请填写函件编号，或者选择部门。")
        new = _not_yet_recorded(db, chosen, proof)
        for letter in new:
            db.add(LetterDelivery(letter_id=letter.id, recorded_by=who, recorded_at=clock.now(), **proof.__dict__))
            delivery.move(db, letter, LetterState.DELIVERED, who, "letter.delivered", **proof.words())
    if not new:
        return f"这{len(chosen)}封函件此前已作同样的登记，没有变化。"
    return f"{len(new)}封函件登记为{proof.delivered_on}{proof.means.label}。"


def _check_proof(proof: Proof, who: str) -> None:
    if not who:
        raise DeliveryError("登记送达必须填写经办人。")
    if proof.delivered_on > clock.today():
        raise DeliveryError(f"送达日期{proof.delivered_on}晚于今天，送达后才能登记。")
    if not proof.signed_by and not proof.receipt_number:
        raise DeliveryError("请填写签收人（接听人），或者回执编号。")


def _by_number(db: Session, cycle: Cycle, numbers: Iterable[int]) -> list[Letter]:
    numbers = list(dict.fromkeys(numbers))
    found = {
        letter.id: letter
        for letter in db.exec(select(Letter).where(Letter.cycle_id == cycle.id, col(Letter.id).in_(numbers)))
    }
    missing = [str(number) for number in numbers if number not in found]
    if missing:
        raise DeliveryError(f"{cycle.fiscal_year}年度没有编号为{'、'.join(missing)}的函件，请查看“待送达函件”。")
    return [found[number] for number in numbers]


def _waiting_for(db: Session, cycle: Cycle, codes: Sequence[str], expected: int | None) -> list[Letter]:
    departments = {department.id for department in chosen_departments(db, cycle, codes)}
    found = [letter for letter in waiting(db, cycle) if letter.department_id in departments]
    if expected != len(found):
        told = "没有填写封数" if expected is None else f"您填写的是{expected}封"
        raise DeliveryError(f"所选部门现有{len(found)}封函件待送达，{told}；请对照“待送达函件”清单重新填写。")
    return found


def _not_yet_recorded(db: Session, chosen: Sequence[Letter], proof: Proof) -> list[Letter]:
    known, mailed = delivery.deliveries(db, chosen), again.of_letters(db, chosen)
    refused = [
        f"函件{letter.id}已补发为函件{mailed[letter.id].again_id}，请对后者登记"
        for letter in chosen
        if letter.id in mailed
    ]
    refused += [sentence for letter in chosen if (sentence := _refusal(letter, known.get(letter.id), proof))]
    if refused:
        raise DeliveryError(f"{'；'.join(refused)}。本次登记全部未生效。")
    return [letter for letter in chosen if letter.id not in known]


def _refusal(letter: Letter, known: LetterDelivery | None, proof: Proof) -> str | None:
    if known is not None:
        same = all(getattr(known, name) == value for name, value in proof.__dict__.items())
        told = f"{known.recorded_by}登记为{known.delivered_on}{known.means.label}"
        return None if same else f"函件{letter.id}已由{told}，不能再作不同的登记"
    if letter.state not in BRINGABLE and not delivery.came_back(letter):
        return f"函件{letter.id}的状态是“{letter.state.label}”，待送达、发送失败、结果不明或者已退信的函件才能登记送达"
    if proof.delivered_on < clock.local_date(letter.composed_at):
        return f"函件{letter.id}拟于{clock.local_date(letter.composed_at)}，送达日期不能早于这一天"
    return None


def waiting(db: Session, cycle: Cycle) -> list[Letter]:
    """Letters that somebody has to bring (待送达函件), oldest first."""
    query = select(Letter).where(Letter.cycle_id == cycle.id, Letter.state == LetterState.TO_DELIVER)
    return list(db.exec(query.order_by(col(Letter.id))))


def to_bring(db: Session, cycle: Cycle) -> list[Letter]:
    """What waits, and what came back and may be brought (待送达与退信)."""
    return [*waiting(db, cycle), *again.waiting(db, cycle.id)]


def listing(fiscal_year: int) -> list[dict[str, Any]]:
    """What waits to be brought (待送达清单), and departments that could be written to again, a row each."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        held = delivery.all_in_force(db, cycle.id)
        named = {department.id: department for _, department in lookup.submissions(db, cycle)}
        rows = [_letter_row(letter, named, held) for letter in to_bring(db, cycle)]
        for department_id in held:
            department = named[department_id]
            if compose.can_be_mailed(db, department):
                rows.append(_again_row(department, held[department_id]))
        return rows


def _letter_row(letter: Letter, named: dict[int, Department], held: dict[int, OtherDelivery]) -> dict[str, Any]:
    department = named.get(letter.department_id or 0)
    decided = held.get(letter.department_id or 0)
    return {
        "函件编号": letter.id,
        "部门": f"{department.code} {department.name}" if department else None,
        "函件": letter.kind.label,
        "收件人": letter.to_name,
        "拟函日期": clock.local_date(letter.composed_at),
        "送达方式": decided.means.label if decided else None,
        "状态": "邮件被退回" if letter.state is LetterState.SENT else letter.state.label,
        "下一步": (
            "打印送达后，运行“登记送达”；邮箱已更正的，运行“补发退回的函件”"
            if letter.state is LetterState.SENT
            else "打印送达后，运行“登记送达”"
        ),
    }


def _again_row(department: Department, decided: OtherDelivery) -> dict[str, Any]:
    return {
        "函件编号": None,
        "部门": f"{department.code} {department.name}",
        "函件": None,
        "收件人": None,
        "拟函日期": None,
        "送达方式": decided.means.label,
        "状态": None,
        "下一步": "名册中已有可用的邮箱，可运行“恢复邮件发送”",
    }
