"""How far a year has come (年度进度): the bar, what is due when, counts per state, and what can be done right now.

Reads only. ``flows/progress_page.py`` shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlmodel import Session, select

from models.records import Cycle, Letter, Review
from models.states import CycleState, Gate, LetterKind, LetterState, RectificationState, Stage, SubmissionState
from tasks import clock, lookup, settings, store
from tasks.stages import choices, objections, overview, rectification

ORDER = list(CycleState)
SETTLED = (SubmissionState.ACCEPTED, SubmissionState.NOT_SUBMITTED)
# Folders whose files staff open from the page.
PRODUCED = ("documents", "results", "site")
# So many departments are named in a sentence; the board names them all.
MOST_NAMES = 8
PUT_RIGHT = (RectificationState.VERIFIED, RectificationState.CARRIED_OVER)


@dataclass(frozen=True)
class Due:
    """A stage of the year with its day (阶段日期)."""

    stage: Stage
    due_on: date
    done_on: date | None

    def words(self, today: date) -> str:
        """How it stands (办理情况)."""
        if self.done_on is not None:
            return f"{self.done_on}办毕"
        days = (self.due_on - today).days
        return "今天" if days == 0 else f"还有{days}天" if days > 0 else f"已到期{-days}天"


@dataclass(frozen=True)
class Action:
    """Something a person can do now (可办事项): the words, the step's name, and what its form is filled in with."""

    words: str
    step: str
    form: dict[str, Any]


@dataclass(frozen=True)
class Progress:
    """Where a year stands (年度进度). ``share`` is between 0 and 1; ``counts`` are rows of (what, state, number)."""

    fiscal_year: int
    state: CycleState
    share: Fraction
    today: date
    dates: tuple[Due, ...]
    counts: tuple[tuple[str, str, int], ...]
    waits_for: tuple[str, ...]
    actions: tuple[Action, ...]
    files: tuple[str, ...]

    @property
    def percent(self) -> int:
        """The share in whole percent, rounded down (进度百分比): 100 only when the year is closed."""
        return int(self.share * 100)

    @property
    def coming(self) -> Due | None:
        """What is due next (下一个节点): the first date that is not done."""
        return next((due for due in self.dates if due.done_on is None), None)


def progress(fiscal_year: int) -> Progress:
    """Gather where a year stands (汇总年度进度)."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        return Progress(
            fiscal_year=fiscal_year,
            state=cycle.state,
            share=_share(db, cycle),
            today=clock.today(),
            dates=tuple(_dates(db, cycle)),
            counts=tuple(_counts(db, cycle)),
            waits_for=(*overview.waiting_for(db, cycle), *_owed(db, cycle)),
            actions=tuple(_actions(db, cycle)),
            files=tuple(produced()),
        )


def _owed(db: Session, cycle: Cycle) -> Iterator[str]:
    """What the departments still have to do (等待部门办理的事项), as sentences for staff."""
    duties = lookup.submissions(db, cycle)
    if cycle.state is CycleState.COLLECTING:
        for state, words in ((SubmissionState.AWAITED, "报送材料"), (SubmissionState.NEEDS_CORRECTION, "修改后重报")):
            names = [department.name for submission, department in duties if submission.state is state]
            if names:
                yield f"等待{len(names)}个部门{words}：{_some(names)}。"
    if cycle.state is CycleState.RECTIFYING:
        late = {
            department.name: sum(item.state not in (*PUT_RIGHT, RectificationState.CLAIMED_DONE) for item in items)
            for submission, department in duties
            if (items := rectification.items_of(db, submission))
        }
        left = [f"{name}{number}项" for name, number in late.items() if number]
        if left:
            yield f"等待{len(left)}个部门整改：{_some(left)}。"


def _some(names: list[str]) -> str:
    """The first of many names (部分名称)."""
    return "、".join(names[:MOST_NAMES]) + ("等" if len(names) > MOST_NAMES else "")


def _share(db: Session, cycle: Cycle) -> Fraction:
    """States passed, and the part of the present one that is settled (进度)."""
    if cycle.state is CycleState.CLOSED:
        return Fraction(1)
    done, whole = _within(db, cycle)
    inside = Fraction(done, whole) if whole else Fraction(0)
    # A state is never shown as passed before it is.
    return (ORDER.index(cycle.state) + min(inside, Fraction(19, 20))) / (len(ORDER) - 1)


def _within(db: Session, cycle: Cycle) -> tuple[int, int]:
    duties = [s for s, _ in lookup.submissions(db, cycle)]
    if cycle.state is CycleState.COLLECTING:
        return sum(s.state in SETTLED for s in duties), len(duties)
    if cycle.state is CycleState.SCORING:
        accepted = [s for s in duties if s.state is SubmissionState.ACCEPTED]
        return sum(not overview.open_rules(db, s) for s in accepted), len(accepted)
    if cycle.state is CycleState.SPOT_CHECKING:
        back, out = _reviews(db, cycle)
        return back, back + out
    if cycle.state is CycleState.RECTIFYING:
        items = [item for s in duties for item in rectification.items_of(db, s)]
        return sum(item.state in PUT_RIGHT for item in items), len(items)
    return 0, 1


def _reviews(db: Session, cycle: Cycle) -> tuple[int, int]:
    """How many reviews are back, and how many are out (已交回、未交回的复核)."""
    draw = lookup.draw_in_force(db, cycle)
    if draw is None:
        return 0, 0
    out = len(overview.missing_reviews(db, draw))
    known = db.exec(select(Review).where(Review.draw_id == draw.id)).all()
    return sum(review.recorded_at is not None for review in known), out


def _dates(db: Session, cycle: Cycle) -> Iterator[Due]:
    dates = lookup.stage_dates(db, cycle)
    for stage in sorted(dates, key=lambda stage: (dates[stage].due_on, list(Stage).index(stage))):
        row = dates[stage]
        yield Due(stage, row.due_on, clock.local_date(row.done_at) if row.done_at else None)


def _counts(db: Session, cycle: Cycle) -> Iterator[tuple[str, str, int]]:
    duties = [s for s, _ in lookup.submissions(db, cycle)]
    for state, number in _in_order(Counter(s.state for s in duties), SubmissionState):
        yield "部门报送", state.label, number
    letters = db.exec(select(Letter.state).where(Letter.cycle_id == cycle.id, Letter.kind != LetterKind.STAFF_ALERT))
    for letter_state, number in _in_order(Counter(letters), LetterState):
        yield "函件", letter_state.label, number
    back, out = _reviews(db, cycle)
    if back or out:
        yield "复核工作簿", "已交回", back
        yield "复核工作簿", "未交回", out
    items = Counter(item.state for s in duties for item in rectification.items_of(db, s))
    for item_state, number in _in_order(items, RectificationState):
        yield "整改事项", item_state.label, number


def _in_order(counted: Counter[Any], states: Any) -> Iterator[tuple[Any, int]]:
    return ((state, counted[state]) for state in states if counted[state])


def _actions(db: Session, cycle: Cycle) -> Iterator[Action]:
    """What a person can open and fill in right away (可直接办理的事项)."""
    year = {"fiscal_year": cycle.fiscal_year}
    for gate in Gate:
        matter = lookup.latest_approval(db, cycle, gate)
        if matter is not None and matter.decision is None:
            yield approval(cycle.fiscal_year, gate, matter.digest)
    if cycle.state in (CycleState.SCORING, CycleState.SPOT_CHECKING):
        for submission, department in lookup.submissions(db, cycle):
            if submission.state is not SubmissionState.ACCEPTED:
                continue
            card = lookup.latest_card(db, submission)
            labels = {line["rule"]: line["label"] for line in card.card["lines"]} if card else {}
            for rule in overview.open_rules(db, submission):
                form = {"department": choices.department_entry(department), "rule": f"{rule} {labels[rule]}"}
                yield Action(f"判定{department.name}的“{labels[rule]}”", "人工判定", year | form)
    for objection, department in overview.undecided_objections(db, cycle):
        entry = choices.objection_entry(objection, department)
        digest = objections.digest_of(db, objection)
        yield Action(f"处理{department.name}的申诉", "处理申诉", year | {"objection": entry, "digest": digest})
    for submission, department in lookup.submissions(db, cycle):
        claimed = [
            item for item in rectification.items_of(db, submission) if item.state is RectificationState.CLAIMED_DONE
        ]
        if claimed:
            words = f"核实{department.name}报完成的{len(claimed)}项整改"
            items = [choices.item_entry_of(department, item) for item in claimed]
            chosen: dict[str, Any] = {"department": choices.department_entry(department), "items": items}
            yield Action(words, "核实整改", year | chosen)


def approval(fiscal_year: int, gate: Gate, digest: str) -> Action:
    """Signing what waits at a gate (签署意见), with the digest of what was put before the approver filled in."""
    return Action(
        f"签署“{gate.label}”的审批意见", "审批", {"fiscal_year": fiscal_year, "gate": gate.label, "digest": digest}
    )


def produced() -> Iterator[str]:
    """Files that were produced (已生成的文件), as paths below the data folder; what lies in a subfolder is not listed."""
    home = settings.current().home
    for folder in PRODUCED:
        for path in sorted((home / folder).glob("*")) if (home / folder).is_dir() else ():
            wanted = folder != "site" or path.name == "index.html"
            if path.is_file() and wanted and path.suffix != ".part":
                yield f"{folder}/{path.name}"
