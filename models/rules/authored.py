"""The shape of a rule-set file (评价规则文件的格式), from which the published JSON Schema is made."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.acceptance import AcceptancePolicy
from models.deviation import DeviationPolicy
from models.grading import GradeBand
from models.numbers import Number
from models.remediation import RemediationPolicy
from models.rules.project_policy import ProjectPolicy
from models.rules.registry import KINDS
from models.rules.schema import SLUG, Citation, Group, PolicyNote, Rounding
from models.rules.stages import CalendarPolicy
from models.sampling import SpotCheckPolicy
from models.second_review import SecondReviewPolicy


class Authored(BaseModel):
    """Base of everything a person writes in YAML: unknown names are refused (不认识的字段一律拒绝)."""

    model_config = ConfigDict(extra="forbid")


class AuthoredRule(Authored):
    """A line as written (指标的书写形式): headings come from its group unless given."""

    id: str = Field(pattern=SLUG)
    label: str
    aliases: list[str] = []
    group: str
    level2: str | None = None
    maximum: Number | None
    kind: str
    params: dict[str, Any] = {}
    criterion: str
    citation: Citation
    policies: list[PolicyNote] = []
    claimed_by_department: bool = True


class AuthoredOverride(Authored):
    """A change of an extended set (调整事项). ``path`` such as ``rules.violations.params.points_each``."""

    path: str
    value: Any
    reason: str
    citation: Citation


class Header(Authored):
    """What every file says first (文件头)."""

    id: str = Field(pattern=SLUG)
    title: str
    version: str
    effective_years: list[int] = Field(min_length=1)
    authority: str
    document: str
    number: str | None = None
    citation: Citation
    notes: list[str] = []


class FullFile(Header):
    """A rule set written out in full (完整的评价规则文件). ``project_rules`` names the set for project self-evaluations."""

    subject: Literal["department", "project"] = "department"
    total: Number | None = None
    rounding: Rounding | None = None
    groups: list[Group]
    rules: list[AuthoredRule]
    grade_bands: list[GradeBand] | None = None
    deviation: DeviationPolicy | None = None
    spot_check: SpotCheckPolicy | None = None
    second_review: SecondReviewPolicy | None = None
    acceptance: AcceptancePolicy | None = None
    calendar: CalendarPolicy | None = None
    remediation: RemediationPolicy | None = None
    project: ProjectPolicy | None = None
    project_rules: str | None = None
    form_labels: dict[str, str] = {}
    checks: dict[str, bool] = {}


class ExtendingFile(Header):
    """A county's or a later year's file (继承的评价规则文件): what it extends, and each change with its citation."""

    extends: str = Field(pattern=SLUG)
    overrides: list[AuthoredOverride]


def json_schema() -> dict[str, Any]:
    """The published JSON Schema of a rule-set file (评价规则文件的JSON Schema), with the settings of every kind."""
    full = FullFile.model_json_schema(ref_template="#/$defs/{model}")
    extending = ExtendingFile.model_json_schema(ref_template="#/$defs/{model}")
    defs = full.pop("$defs") | extending.pop("$defs")
    rule = defs["AuthoredRule"]
    rule["properties"]["kind"] = {"enum": sorted(KINDS), "title": "Kind"}
    rule["allOf"] = []
    for name, kind in sorted(KINDS.items()):
        params = kind.params.model_json_schema(ref_template=f"#/$defs/{name}/$defs/{{model}}")
        defs[name] = params
        rule["allOf"].append(
            {
                "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
                "then": {"properties": {"params": {"$ref": f"#/$defs/{name}"}}},
            }
        )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "jixiao rule set (评价规则)",
        "oneOf": [{"$ref": "#/$defs/FullFile"}, {"$ref": "#/$defs/ExtendingFile"}],
        "$defs": defs | {"FullFile": full, "ExtendingFile": extending},
    }
