"""The practice year's staff at the mail desk (演练收发): extensions, quarantine, letters to bring, objections - by the forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlmodel import Session

from flows.decide_objection import decide_objection
from flows.deliver_otherwise import record_delivery, tell_otherwise
from flows.delivery_forms import DeliveredForm, OtherDeliveryForm
from flows.forms import ExtensionForm
from flows.handle_receipt import handle_receipt
from flows.letter_forms import CorrectedLine, ObjectionDecision, ObjectionForm, ReceiptDecision, ReceiptForm
from flows.remind_departments import extend_deadline
from models.records import Cycle
from models.states import CycleState, Decision, DeliveryMeans, ObjectionState, ReceiptOutcome, Stage
from tasks import clock, lookup, store
from tasks.practice import paperpost
from tasks.practice.county_model import PracticeDepartment
from tasks.practice.people import World
from tasks.stages import delivered, desk, notice, objections, paper

# Receipts of these kinds wait for a person at the desk.
WORDS, HELD = ReceiptOutcome.IGNORED.label, ReceiptOutcome.QUARANTINED.label


def work(world: World) -> Iterator[str]:
    """What the staff do at the mail desk today (当日收发); yields what was done. Doing it again does nothing."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, world.fiscal_year)
        silent = notice.departments_without_address(db, cycle) if cycle.state is CycleState.DRAFTING else []
        to_bring = [(letter.id, letter.key) for letter in delivered.waiting(db, cycle)]
        waiting = _waiting_objections(db, cycle)
    if silent:
        yield _decide_otherwise(world, [department.code for department in silent])
    brought = list(_bring(world, to_bring))
    if cycle.state is CycleState.ISSUED:
        # The year goes on when the last notice was brought; at other times nothing waits for it.
        yield from brought
    if cycle.state is CycleState.COLLECTING:
        yield from _receipts(world)
    for number, code, seen in waiting:
        yield from _decide_objection(world, number, code, seen)


def _decide_otherwise(world: World, codes: list[str]) -> str:
    """Who has no address gets its letters by the exchange of official mail (登记另行送达)."""
    tell_otherwise(
        OtherDeliveryForm(
            fiscal_year=world.fiscal_year,
            departments=codes,
            means=DeliveryMeans.EXCHANGE,
            reason="演练：该单位不使用互联网邮箱，函件经机要交换送达。",
            operator=world.county.bureau.preparer.name,
        )
    )
    return f"登记{'、'.join(codes)}的函件另行送达"


def _bring(world: World, letters: list[tuple[int, str]]) -> Iterator[str]:
    """Bring what lies printed, and record it (送达并登记). What is not laid out yet is brought after the next sending."""
    printed = {path.name.split("-")[-2]: path for path in paper.folder_of(world.fiscal_year).glob("*-*-*")}
    ready = [(number, key, printed[str(number)]) for number, key in letters if str(number) in printed]
    if not ready:
        return
    world.counter.mkdir(parents=True, exist_ok=True)
    for _, key, folder in ready:
        paperpost.hand_over(folder, world.counter, key)
    record_delivery(
        DeliveredForm(
            fiscal_year=world.fiscal_year,
            letters=[number for number, _, _ in ready],
            means=DeliveryMeans.EXCHANGE,
            delivered_on=clock.today(),
            signed_by="单位收发室",
            receipt_number=f"交换{clock.today():%m%d}-{ready[0][0]}",
            operator=world.county.bureau.preparer.name,
        )
    )
    yield f"机要交换送达{len(ready)}封函件"


def _receipts(world: World) -> Iterator[str]:
    """Answer who asks for more time; let in what came from an address that the story knows (处理来件)."""
    for row in desk.receipts(world.fiscal_year):
        department = next((d for d in world.county.departments if d.name == row["可能的部门"]), None)
        if department is None:
            continue
        if row["类别"] == WORDS and department.story.extension is not None:
            yield _answer_request(world, department, row["收件编号"])
        elif row["类别"] == HELD and row["寄件人"] in {attempt.sender for attempt in department.story.attempts}:
            yield _let_in(world, department, row["收件编号"])


def _answer_request(world: World, department: PracticeDepartment, receipt: int) -> str:
    request, clerk = department.story.extension, world.county.bureau.preparer.name
    assert request is not None
    extend_deadline(
        ExtensionForm(
            fiscal_year=world.fiscal_year,
            department=department.code,
            decision=Decision.APPROVED if request.granted else Decision.REFUSED,
            until=date.fromisoformat(f"{world.fiscal_year + 1}-{request.until}"),
            reason=request.answer,
            operator=clerk,
        )
    )
    handle_receipt(
        ReceiptForm(
            fiscal_year=world.fiscal_year,
            receipt=receipt,
            decision=ReceiptDecision.KEEP_OUT,
            reason="演练：已另行答复延期申请。",
            operator=clerk,
        )
    )
    return f"{'同意' if request.granted else '不同意'}{department.name}延期"


def _let_in(world: World, department: PracticeDepartment, receipt: int) -> str:
    handle_receipt(
        ReceiptForm(
            fiscal_year=world.fiscal_year,
            receipt=receipt,
            decision=ReceiptDecision.RELEASE,
            department=department.code,
            reason="演练：已电话核实，系该单位财务人员的邮箱。",
            operator=world.county.bureau.preparer.name,
        )
    )
    return f"放行{department.name}从名册之外的邮箱发来的材料"


def _waiting_objections(db: Session, cycle: Cycle) -> list[tuple[int, str, str]]:
    """Objections to decide once the last day to object has come (待处理申诉): number, department, digest."""
    if cycle.state is not CycleState.OBJECTION:
        return []
    dates = lookup.stage_dates(db, cycle)
    if Stage.OBJECT_BY not in dates or clock.today() < dates[Stage.OBJECT_BY].due_on:
        return []
    return [
        (objection.id, department.code, objections.digest_of(db, objection))
        for objection, _, department in objections.of_year(db, cycle)
        if objection.state is ObjectionState.RECEIVED
    ]


def _decide_objection(world: World, number: int, code: str, seen: str) -> Iterator[str]:
    story = next((d.story for d in world.county.departments if d.code == code), None)
    if story is None or story.objection is None:
        return
    told = story.objection
    decide_objection(
        ObjectionForm(
            fiscal_year=world.fiscal_year,
            objection=number,
            digest=seen,
            decision=ObjectionDecision.UPHELD if told.upheld else ObjectionDecision.REJECTED,
            reason=told.answer,
            corrections=[
                CorrectedLine(rule=world.rule_ids[line.line], score=line.score, reason=line.reason)
                for line in told.corrections
            ],
            operator=world.county.bureau.approver.name,
        )
    )
    yield f"处理{code}的申诉：{'成立' if told.upheld else '维持原结果'}"
