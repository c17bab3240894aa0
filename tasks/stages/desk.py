"""The mail desk (来件与函件待办): what arrived or should have left and waits for a person, and what the person decides."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from models.records import Contact, Cycle, Department, Letter
from models.states import LetterState, ReceiptOutcome
from tasks import clock, lookup, store
from tasks.intake import quarantine
from tasks.mail import again, cleaning, decisions, delivery
from tasks.mail.token import Purpose
from tasks.stages import notice

# A draft waits at a gate, not here; a sent letter is listed when it bounced.
TROUBLED = (LetterState.FAILED, LetterState.UNKNOWN, LetterState.TO_DELIVER)


class DeskError(ValueError):
    """A decision that cannot be taken at the desk (不能这样处理); the message says why and what to do, in Chinese."""


def receipts(fiscal_year: int) -> list[dict[str, Any]]:
    """Receipts that wait for a person (来件待办清单): quarantined ones, and mails that came as words only."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        return [
            {
                "收件编号": one.receipt_id,
                "收到时间": clock.local_date(one.received_at),
                "类别": outcome.label,
                "渠道": one.channel.label,
                "寄件人": one.sender,
                "主题或文件": one.subject,
                "可能的部门": one.perhaps,
                "原因或正文": one.reason,
            }
            for outcome in (ReceiptOutcome.QUARANTINED, ReceiptOutcome.IGNORED)
            for one in quarantine.listing(db, cycle.id, outcome)
        ]


def release(fiscal_year: int, receipt_id: int, code: str, purpose: Purpose, who: str, reason: str) -> str:
    """Let a receipt in for a department (放行来件); the next collection enters it."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        _, department = lookup.submission_of(db, cycle, code)
        quarantine.release(db, receipt_id, department, purpose, who, reason)
        return f"来件{receipt_id}已按{department.name}的{purpose.label}放行。"


def keep_out(receipt_id: int, who: str, reason: str) -> str:
    """Confirm that a receipt stays out (确认不采用)."""
    with store.session() as db:
        quarantine.keep_out(db, receipt_id, who, reason)
        return f"来件{receipt_id}确认不采用，原件保留在收件台账中。"


def letters(fiscal_year: int) -> list[dict[str, Any]]:
    """Letters that did not leave, may not have left, or came back (函件待办清单), and contacts nobody can write to."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        query = select(Letter).where(Letter.cycle_id == cycle.id).order_by(col(Letter.id))
        done = again.of_year(db, cycle.id)
        found = [letter for letter in db.exec(query) if _is_trouble(letter) and letter.id not in done]
        rows = [_letter_row(db, letter) for letter in found]
        return rows + [_contact_row(d, c) for d, c in notice.unusable_addresses(db, cycle)]


def _is_trouble(letter: Letter) -> bool:
    returned = letter.state is LetterState.SENT and bool(letter.error)
    return letter.state in TROUBLED or returned


def _letter_row(db: Session, letter: Letter) -> dict[str, Any]:
    department = db.get(Department, letter.department_id) if letter.department_id else None
    bounced = letter.state is LetterState.SENT
    return {
        "函件编号": letter.id,
        "部门": department.name if department else None,
        "种类": letter.kind.label,
        "收件人": letter.to_name,
        "地址": letter.to_address or None,
        "状态": "已发送，有退信" if bounced else letter.state.label,
        "原因": letter.error,
        "下一步": _next(letter),
    }


def _next(letter: Letter) -> str:
    """What a person does about a letter (下一步)."""
    if letter.state is not LetterState.SENT:
        return _NEXT[letter.state]
    if not delivery.came_back(letter):
        return "对方邮件系统尚未退回，请留意后续退信，或者电话核实"
    if not delivery.to_department(letter):
        return "更正复核人员的地址后，重新“指定复核人员”"
    return "更正部门名册并重新导入后，运行“补发退回的函件”；以其他方式送达后，运行“登记送达”"


_NEXT = {
    LetterState.UNKNOWN: "向收件单位核实后，运行“处理结果不明的函件”；已另行送达的，运行“登记送达”",
    LetterState.FAILED: "更正名册中的地址后，运行“处理未发出的函件”；已另行送达的，运行“登记送达”",
    LetterState.TO_DELIVER: "按“待送达函件”打印送达后，运行“登记送达”",
}


def _contact_row(department: Department, contact: Contact) -> dict[str, Any]:
    return {
        "函件编号": None,
        "部门": department.name,
        "种类": "名册",
        "收件人": f"{contact.name}（{contact.role.label}）",
        "地址": contact.address,
        "状态": "邮箱不能使用",
        "原因": None,
        "下一步": "在部门名册中更正后重新导入",
    }


def try_again(fiscal_year: int, letter_id: int, *, readdress: bool, who: str, reason: str) -> str:
    """Send a failed letter again (重发未发出的函件), to the address the roster names now or to the one it had.

    Raises DeskError when the letter is another year's or has not failed, or when the roster still names the old address.
    """
    with store.session() as db:
        letter = _failed(db, lookup.cycle_of(db, fiscal_year), letter_id)
        old = letter.to_address
        if readdress and delivery.decided_for(db, letter) is not None:
            raise DeskError("该部门已登记另行送达，请选择“改为另行送达”，或者先运行“恢复邮件发送”。")
        if readdress and not decisions.readdress(db, [letter], who):
            raise DeskError(f"名册中的地址仍是{old}，请先更正部门名册并重新导入，或选择按原地址重发。")
        if not cleaning.valid_address(letter.to_address):
            raise DeskError(f"地址“{letter.to_address}”不能使用，请先在部门名册中更正。")
        decisions.approve(db, [letter], who)
        new = {"from": old, "to": letter.to_address, "reason": reason}
        store.record(db, who, "letter.tried_again", f"letter:{letter.key}", None, new)
        return f"函件{letter_id}将发往{letter.to_address}。"


def bring(fiscal_year: int, letter_id: int, who: str, reason: str) -> str:
    """Have a failed letter brought instead (改为另行送达); it waits until its delivery is recorded."""
    with store.session() as db:
        letter = _failed(db, lookup.cycle_of(db, fiscal_year), letter_id)
        if not delivery.put_on_paper(db, [letter], who):
            raise DeskError(f"函件{letter_id}是发给复核人员的，请更正地址后重发，或者不再发送。")
        store.record(db, who, "letter.taken_off_mail", f"letter:{letter.key}", None, {"reason": reason})
        return f"函件{letter_id}改为另行送达，打印件见“待送达函件”。"


def give_up(fiscal_year: int, letter_id: int, who: str, reason: str) -> str:
    """Do not send a failed letter any more (不再发送), for whoever was told in another way."""
    with store.session() as db:
        letter = _failed(db, lookup.cycle_of(db, fiscal_year), letter_id)
        decisions.withdraw(db, [letter], who, reason)
        return f"函件{letter_id}不再发送。"


def _failed(db: Session, cycle: Cycle, letter_id: int) -> Letter:
    letter = db.get(Letter, letter_id)
    if letter is None or letter.cycle_id != cycle.id:
        raise DeskError(f"{cycle.fiscal_year}年度没有编号为{letter_id}的函件，请查看“函件待办清单”。")
    if letter.state is not LetterState.FAILED:
        raise DeskError(f"函件{letter_id}的状态是“{letter.state.label}”，只有发送失败的函件才能这样处理。")
    return letter
