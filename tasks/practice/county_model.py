"""What the invented county is made of (演练县的数据模型): its bureau and its departments, all read from YAML."""

from __future__ import annotations

from decimal import Decimal

from models.document import Frozen
from models.figures import BureauFigures, FigureKey
from models.numbers import Number
from tasks.practice.county_money import Money
from tasks.practice.county_project import PracticeIndicator, PracticeProject
from tasks.practice.county_story import Attempt, RemediationStep, ReviewedLine, Story

FORBIDDEN_LINE = "自评准确"  # the line that a department leaves blank


def month_day(text: str) -> str:
    """A day of the county's data as it is written in Chinese (月日), 11月30日 for ``11-30``."""
    month, day = text.split("-")
    return f"{int(month)}月{int(day)}日"


class Person(Frozen):
    """Someone invented (演练人物)."""

    name: str
    role: str
    address: str | None = None


class Bureau(Frozen):
    """The finance bureau of the county (财政局): ``address`` sends all letters."""

    name: str
    office: str
    address: str
    document_prefix: str
    preparer: Person
    approver: Person
    reviewers: tuple[Person, Person]
    leads: tuple[Person, ...] = ()


class Published(Frozen):
    """Where and when the self-evaluation was published (自评公开). ``day`` is MM-DD of the year after."""

    day: str
    address: str


class LastYear(Frozen):
    """Last year's problems (上年度问题整改). ``reported_on`` and ``due`` are MM-DD of the fiscal year."""

    problems: int
    remedied: int
    reported_on: str | None = None
    due: str

    @property
    def in_time(self) -> bool:
        """按时反馈."""
        return self.reported_on is not None and self.reported_on <= self.due


class PracticeDepartment(Frozen):
    """A department of the practice county (演练部门) with everything it knows, claims, sends and answers."""

    code: str
    name: str
    short_names: tuple[str, ...]
    stratum: str
    keep: int
    layout: str
    contact: Person
    leader: Person
    nature: str
    duties: tuple[str, ...]
    posts: int
    serving: int
    retired: int
    tasks: tuple[tuple[str, str], ...]
    goal: str
    money: Money
    june: Number
    september: Number
    november: Number
    violations: int
    published: Published | None
    last_year: LastYear
    targets: tuple[PracticeIndicator, ...]
    projects: tuple[PracticeProject, ...]
    problems: tuple[str, ...]
    measures: tuple[str, ...]
    claims: dict[str, Number]
    review: tuple[ReviewedLine, ...]
    story: Story
    remediation: tuple[RemediationStep, ...]

    @property
    def self_score(self) -> Decimal:
        """自评得分 as stated in the last attempt: the sum of what was claimed, a forbidden line included."""
        return sum(self.claims.values(), Decimal(0))

    @property
    def review_score(self) -> Decimal:
        """复核得分: the reviewer's total of the lines that a department may claim."""
        return sum((line.score for line in self.review), Decimal(0))

    @property
    def settled_score(self) -> Decimal:
        """核定的复核得分: the reviewer's total with the lines that a third person settled or an upheld objection scores anew."""
        second, objection = self.story.second_review, self.story.objection
        anew = {line.line: line.score for line in second.settled} if second else {}
        anew |= {line.line: line.score for line in objection.corrections} if objection else {}
        return sum((anew.get(line.line, line.score) for line in self.review), Decimal(0))

    def attempt(self, number: int) -> Attempt:
        """第几次报送. Raises ValueError where the story has no such attempt."""
        for attempt in self.story.attempts:
            if attempt.number == number:
                return attempt
        raise ValueError(f"{self.name}没有第{number}次报送（共{len(self.story.attempts)}次）")

    def planted(self, kind: str, item: str, project: str | None = None) -> str | None:
        """What is printed instead of the right value (埋设值), or None."""
        for trap in self.story.planted:
            if (trap.kind, trap.item, trap.project) == (kind, item, project):
                return trap.printed
        return None

    def figures(self, fiscal_year: int) -> BureauFigures:
        """The bureau's figures for this department (财政数据), every key of the template filled."""
        money, key = self.money, FigureKey
        values = {
            key.BUDGET_INITIAL: money.initial,
            key.BUDGET_ADJUSTED_GROSS: money.gross,
            key.BUDGET_ADJUSTED_NET: money.net,
            key.BUDGET_ANNUAL: money.annual,
            key.CONTROLLED_ITEMS_INITIAL: money.controlled_initial,
            key.CONTROLLED_ITEMS_FINAL: money.controlled_final,
            key.CANCELLED: money.cancelled,
            key.WRITTEN_OFF: money.written_off,
            key.EXECUTION_JUNE: self.june,
            key.EXECUTION_SEPTEMBER: self.september,
            key.EXECUTION_NOVEMBER: self.november,
            key.PROJECT_EXECUTION_DECEMBER: money.project_rate,
            key.VIOLATIONS: Decimal(self.violations),
            key.PUBLICISED: Decimal(self.published is not None),
            key.LAST_YEAR_PROBLEMS: Decimal(self.last_year.problems),
            key.LAST_YEAR_REMEDIED: Decimal(self.last_year.remedied),
            key.LAST_YEAR_MEASURES_APPLIED: Decimal(self.last_year.remedied == self.last_year.problems),
            key.LAST_YEAR_REPORTED_IN_TIME: Decimal(self.last_year.in_time),
        }
        prefixes = ("OFFICE", "PRINTING", "WATER", "ELECTRICITY", "PROPERTY")
        for prefix, item in zip(prefixes, money.controlled, strict=True):
            values[key[f"{prefix}_INITIAL"]] = item.initial
            values[key[f"{prefix}_FINAL"]] = item.final
        texts = {}
        if self.published is not None:
            texts = {
                "publicised_at": self.published.address,
                "publicised_on": f"{fiscal_year + 1}-{self.published.day}",
            }
        return BureauFigures(department=self.code, fiscal_year=fiscal_year, values=values, texts=texts)

    def recorded_figures(self, fiscal_year: int) -> BureauFigures:
        """The bureau's figures as they were typed in (录入的财政数据), with the one that the story gets wrong."""
        figures, wrong = self.figures(fiscal_year), self.story.misrecorded
        if wrong is None:
            return figures
        return figures.model_copy(update={"values": {**figures.values, wrong.figure: wrong.recorded}})


class County(Frozen):
    """The practice county (演练县): its bureau and its departments, ordered by code."""

    name: str
    bureau: Bureau
    strata: tuple[str, ...]
    departments: tuple[PracticeDepartment, ...]

    def department(self, code: str) -> PracticeDepartment:
        """The department with this code (按编码取部门). Raises KeyError where there is none."""
        for department in self.departments:
            if department.code == code:
                return department
        raise KeyError(f"演练县没有编码为{code}的部门")
