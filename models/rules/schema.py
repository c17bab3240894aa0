"""What a rule set is made of (评价规则的结构). The YAML in ``models/rulesets`` has exactly this shape."""

from __future__ import annotations

import json
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from models.acceptance import AcceptancePolicy
from models.deviation import DeviationPolicy
from models.document import Frozen
from models.grading import DEFAULT_BANDS, GradeBand, check_bands
from models.numbers import Number, trimmed
from models.remediation import RemediationPolicy
from models.rules.project_policy import ProjectPolicy
from models.rules.stages import CalendarPolicy
from models.sampling import SpotCheckPolicy
from models.second_review import SecondReviewPolicy

# Parts that came after rule sets were in use: while they say nothing new they leave a digest as it was, so that a year
# that began with the set goes on being scored and verified by it.
ADDED_LATER = frozenset({"second_review", "remediation", "acceptance.rejudge_after_correction"})
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class RuleSetError(ValueError):
    """A rule set that cannot be used (评价规则有误): a Chinese sentence with the file, the place and what to do."""


class Citation(Frozen):
    """Where a rule stands (依据). ``confirmed`` False: no text we could read says so, it is a policy to be confirmed."""

    authority: str
    document: str
    number: str | None = None
    part: str | None = None
    confirmed: bool = True
    note: str | None = None

    def spoken(self) -> str:
        """The citation in one line for letters and pages (依据的文字说明)."""
        number = f"（{self.number}）" if self.number else ""
        part = f"，{self.part}" if self.part else ""
        doubt = "" if self.confirmed else "（口径待确认）"
        return f"{self.authority}：《{self.document}》{number}{part}{doubt}"


class PolicyNote(Frozen):
    """A choice the text leaves open (口径): the parameter that holds it, the question, and what was chosen."""

    param: str
    question: str
    choice: str
    confirmed: bool = False


class Group(Frozen):
    """A second-level heading of the rubric (二级指标). ``maximum`` None: not known."""

    id: str = Field(pattern=SLUG)
    label: str
    level1: str
    maximum: Number | None = None


class Rule(Frozen):
    """One line of the rubric (评价指标). ``label`` is its third-level heading as forms print it.

    ``kind`` names a pure function in ``models.rules.kinds``, ``params`` are its settings. ``maximum`` None: not known.
    ``claimed_by_department`` False: the department leaves the cell blank.
    """

    id: str = Field(pattern=SLUG)
    label: str
    aliases: tuple[str, ...] = ()
    group: str
    level1: str
    level2: str
    maximum: Number | None
    kind: str
    params: dict[str, Any] = Field(default_factory=dict)
    criterion: str
    citation: Citation
    policies: tuple[PolicyNote, ...] = ()
    claimed_by_department: bool = True


class Rounding(Frozen):
    """How points are rounded (得分取整): half up to ``places`` decimals, each line first, totals from rounded lines."""

    places: int = Field(default=2, ge=0, le=6)


class OverrideNote(Frozen):
    """What a county's file changed in the set it extends (调整事项), with its own citation. ``place`` is for people."""

    path: str
    place: str
    before: str
    after: str
    reason: str
    citation: Citation


class RuleSet(Frozen):
    """A versioned, cited set of rules (评价规则集). ``total`` counts all lines; ``digest`` covers the resolved set."""

    id: str = Field(pattern=SLUG)
    title: str
    version: str
    subject: Literal["department", "project"] = "department"
    effective_years: tuple[int, ...]
    authority: str
    document: str
    number: str | None = None
    citation: Citation
    notes: tuple[str, ...] = ()
    extends: tuple[str, ...] = ()
    overrides: tuple[OverrideNote, ...] = ()
    total: Number = Decimal(100)
    rounding: Rounding = Rounding()
    groups: tuple[Group, ...]
    rules: tuple[Rule, ...]
    grade_bands: tuple[GradeBand, ...] = DEFAULT_BANDS
    deviation: DeviationPolicy = DeviationPolicy()
    spot_check: SpotCheckPolicy = SpotCheckPolicy()
    second_review: SecondReviewPolicy = SecondReviewPolicy()
    acceptance: AcceptancePolicy = AcceptancePolicy()
    calendar: CalendarPolicy = CalendarPolicy()
    remediation: RemediationPolicy = RemediationPolicy()
    project: ProjectPolicy = ProjectPolicy()
    form_labels: dict[str, str] = Field(default_factory=dict)
    checks: dict[str, bool] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        problems = [*_unique(self.rules, self.groups), *_sums(self)]
        problems += [problem] if (problem := check_bands(self.grade_bands)) else []
        if problems:
            raise ValueError(f"评价规则“{self.id}”：" + "；".join(problems) + "。")
        return self

    @property
    def digest(self) -> str:
        """The sha256 of the canonical text (规则指纹).

        Computed anew each time (under a millisecond): a cached value would travel along with ``model_copy``.
        """
        return sha256(self.canonical_text.encode()).hexdigest()

    @property
    def canonical_text(self) -> str:
        """The resolved set as canonical JSON (规则全文): sorted keys, no spaces, numbers without idle zeros."""
        content = canonical(self)
        for path in ADDED_LATER:
            *parts, name = path.split(".")
            holder: Frozen = self
            told = content
            for part in parts:
                holder, told = getattr(holder, part), told[part]
            if getattr(holder, name) == type(holder).model_fields[name].default:
                del told[name]
        return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def claimable(self) -> tuple[Rule, ...]:
        """The lines a department scores itself (部门自评的指标)."""
        return tuple(rule for rule in self.rules if rule.claimed_by_department)

    @property
    def claimable_maximum(self) -> Decimal | None:
        """What a department may claim at most (部门自评满分), e.g. 90; None while a maximum is unknown."""
        maxima = [rule.maximum for rule in self.claimable]
        return None if None in maxima else sum((m for m in maxima if m is not None), Decimal(0))

    @property
    def complete(self) -> bool:
        """Whether every maximum is known (各项分值是否齐全), so that a final score can be given."""
        return all(rule.maximum is not None for rule in self.rules)

    def rule(self, rule_id: str) -> Rule:
        """The line with this id (按编号取指标). Raises RuleSetError."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        known = "、".join(rule.id for rule in self.rules)
        raise RuleSetError(f"评价规则“{self.id}”中没有编号为“{rule_id}”的指标。可用的编号：{known}。")

    def enabled(self, check: str) -> bool:
        """Whether a consistency check runs under this set (检查项是否启用); one that is not mentioned does."""
        return self.checks.get(check, True)


def canonical(value: Any) -> Any:
    """A value in the one shape that is hashed (规范形式): Decimals as trimmed text, tuples as lists."""
    if isinstance(value, Frozen):
        return {name: canonical(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, dict):
        return {str(key): canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, Decimal):
        return trimmed(value)
    return value


def _unique(rules: tuple[Rule, ...], groups: tuple[Group, ...]) -> list[str]:
    problems = []
    for name, ids in (
        ("指标编号", [r.id for r in rules]),
        ("指标名称", [r.label for r in rules]),
        ("组编号", [g.id for g in groups]),
    ):
        twice = sorted({i for i in ids if ids.count(i) > 1})
        problems += [f"{name}重复：{'、'.join(twice)}"] if twice else []
    known = {group.id for group in groups}
    problems += [f"指标“{r.label}”所属的组“{r.group}”没有定义" for r in rules if r.group not in known]
    return problems


def _sums(ruleset: RuleSet) -> list[str]:
    problems = []
    for group in ruleset.groups:
        maxima = [rule.maximum for rule in ruleset.rules if rule.group == group.id]
        if group.maximum is None or None in maxima:
            continue
        total = sum((m for m in maxima if m is not None), Decimal(0))
        if total != group.maximum:
            problems.append(f"“{group.label}”分值为{trimmed(group.maximum)}，各指标合计为{trimmed(total)}")
    if ruleset.complete:
        total = sum((r.maximum for r in ruleset.rules if r.maximum is not None), Decimal(0))
        if total != ruleset.total:
            problems.append(f"各指标分值合计为{trimmed(total)}，应为{trimmed(ruleset.total)}")
    return problems
