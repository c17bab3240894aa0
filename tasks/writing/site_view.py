"""What the public site shows beside the results (公开网站的其余内容): methods, grade bands, the draw, earlier years."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from models.deviation import DeviationPolicy
from models.document import Frozen
from models.estimate import Estimate, ReviewedUnit, estimate
from models.grading import DEFAULT_BANDS, GradeBand
from models.numbers import Number, trimmed
from models.published import PublishedResults
from models.rules.schema import RuleSet
from models.sealing import SEALED_NAME
from tasks.writing.rubric import rubric_rows

_SAFE_CODE = re.compile(r"[0-9A-Za-z_-]{1,20}")
_DRAW_FIELDS = ("algorithm", "seed", "policy", "frame_digest", "digest", "redraw_reason", "number", "drawn_on")
_UNIT_FIELDS = ("code", "name", "stratum", "size", "risk", "probability", "ratio", "drawn")


class MethodLine(Frozen):
    """One rule on the methods page (评价方法)."""

    level1: str
    level2: str
    label: str
    maximum: Number | None
    criterion: str
    citation: str
    choices: tuple[str, ...] = ()
    claimed: bool = True


class PastYear(Frozen):
    """What an earlier year published last (往年公开结果): the average, and departments' scores and grades by code."""

    year: str
    average: Number | None
    scores: Mapping[str, Number] = {}
    grades: Mapping[str, str] = {}


class SiteExtras(Frozen):
    """Everything public that is not a result (网站附加内容). ``past``: earlier years, oldest first.

    ``rules_text``: the rule set as the text that its digest covers.
    """

    methods: tuple[MethodLine, ...] = ()
    document: str = ""
    deviation: DeviationPolicy = DeviationPolicy()
    grade_bands: tuple[GradeBand, ...] = DEFAULT_BANDS
    past: tuple[PastYear, ...] = ()
    contact: str = ""
    rules_text: str = ""


def site_extras(ruleset: RuleSet, *, past: tuple[PastYear, ...] = (), contact: str = "") -> SiteExtras:
    """The extras of a rule set (由评价规则生成): its lines with citations and its deviation rule."""
    methods = tuple(
        MethodLine(
            level1=row.level1,
            level2=row.level2,
            label=row.label,
            maximum=row.maximum,
            criterion=row.criterion,
            citation=row.citation,
            choices=tuple(f"{note.question}{note.choice}" for note in ruleset.rule(row.rule).policies),
            claimed=row.claimed,
        )
        for row in rubric_rows(ruleset)
    )
    return SiteExtras(
        methods=methods,
        document=ruleset.citation.spoken(),
        deviation=ruleset.deviation,
        grade_bands=ruleset.grade_bands,
        past=past,
        contact=contact,
        rules_text=ruleset.canonical_text,
    )


def page_name(code: str) -> str:
    """The file name of a department's page (部门页面文件名); an unusual code becomes its hash."""
    return f"{code if _SAFE_CODE.fullmatch(code) else sha256(code.encode()).hexdigest()[:16]}.html"


def public_draw(record: Mapping[str, Any], results: PublishedResults) -> dict[str, Any]:
    """The draw as it may be published (公开的抽取记录): only listed fields, only departments that are published.

    Units that were drawn under an alias stand in it without a name. A department that was withheld only later is left out:
    ``abridged`` is then true, and the rest is enough to read, not to repeat.
    """
    published = {department.code for department in results.departments}
    units = [u for u in record.get("units", ()) if u.get("code") in published or u.get("name") == SEALED_NAME]
    abridged = len(units) != len(record.get("units", ()))
    shown = {name: record[name] for name in _DRAW_FIELDS if name in record}
    strata: dict[str, dict[str, Any]] = {}
    for unit in units:
        stratum = strata.setdefault(unit["stratum"], {"stratum": unit["stratum"], "size": 0, "drawn": 0})
        stratum["size"] += 1
        stratum["drawn"] += bool(unit["drawn"])
    shown["strata"] = list(strata.values()) if abridged else list(record.get("strata", strata.values()))
    shown["units"] = [{name: unit[name] for name in _UNIT_FIELDS if name in unit} for unit in units]
    if record.get("previous"):
        shown["previous"] = [public_draw(earlier, results) for earlier in record["previous"]]
    return {**shown, "abridged": True} if abridged else shown


def sample_estimate(
    record: Mapping[str, Any], results: PublishedResults, deviation: DeviationPolicy
) -> Estimate | None:
    """What the published sample says about all departments (由公开样本推断总体).

    None where the record is abridged, or where a unit was drawn whose result is not public: without it the sample says
    something else.
    """
    if record.get("abridged") or any(u["drawn"] and u["name"] == SEALED_NAME for u in record.get("units", ())):
        return None
    checked = {d.code: d for d in results.departments if d.spot_checked}
    sample = []
    for unit in record.get("units", ()):
        department = checked.get(unit["code"]) if unit["drawn"] else None
        if department is None or department.self_score is None or department.review_score is None:
            continue
        sample.append(
            ReviewedUnit(
                code=department.code,
                stratum=unit["stratum"],
                ratio=unit["ratio"],
                self_score=department.self_score,
                review_score=department.review_score,
            )
        )
    strata = {stratum["stratum"]: stratum["size"] for stratum in record.get("strata", ())}
    return estimate(sample, strata, deviation) if sample else None


def band_sentences(policy: DeviationPolicy) -> tuple[tuple[str, str], ...]:
    """The deviation bands as (band, points deducted) in words (偏离度档次)."""
    return tuple((policy.label(number), trimmed(band.deduction)) for number, band in enumerate(policy.bands))
