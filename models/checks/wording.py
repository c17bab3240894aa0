"""Wording that does not belong (用语不当): another agency's phrases, template hints, outdated passages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.checks.findings import at, found, place, spoken
from models.checks.material import Material
from models.checks.packaged import word_list
from models.checks.registry import Check
from models.facts import Finding, FindingPlace, Severity
from models.statements.text import Sentence

_SHOWN = 6


def _agency(material: Material) -> str | None:
    """The kind of agency by the department's name (部门类别); None where it cannot be told."""
    name = material.facts.department or ""
    kinds = [
        kind for kind, entry in word_list("agencies").items() if any(re.search(one, name) for one in entry["names"])
    ]
    return kinds[0] if len(kinds) == 1 else None


def _foreign(material: Material) -> Iterator[Finding]:
    own = _agency(material)
    if own is None:
        return
    for kind, entry in word_list("agencies").items():
        if kind == own or kind in word_list("agencies")[own].get("near", []):
            continue
        wanted = re.compile("|".join(entry["phrases"]))
        hits: dict[str, Sentence] = {}
        words: dict[str, None] = {}
        for sentence in material.sentences:
            for match in wanted.finditer(sentence.text):
                words.setdefault(match.group())
                hits.setdefault(sentence.text, sentence)
        if not words:
            continue
        places = at(*list(hits.values())[:_SHOWN])
        quoted = "、".join(f"“{word}”" for word in words)
        where = "、".join(dict.fromkeys(spoken(one.source) for one in list(hits.values())[:_SHOWN]))
        message = f"{where}有{quoted}等{kind}系统用语，与部门名称“{material.facts.department}”不符，请核对是否套用了其他单位的文本。"
        yield found("foreign-boilerplate", Severity.QUESTION, message, places)


FOREIGN = Check(
    code="foreign-boilerplate",
    title="其他单位的套话",
    what="按部门名称判断系统类别，查找其他系统自称的用语（如“各项检察工作”“本院”“我校”）。",
    example="公安局的报告中写有“各项检察工作”。",
    doubt="转引上级文件或与其他单位合作的内容也会出现；只收自称用语以减少误报。",
    find=_foreign,
)


def _hints(material: Material) -> Iterator[Finding]:
    words = word_list("hints")
    wanted = re.compile("|".join(f"(?:{one})" for one in words["hints"]))
    places: list[FindingPlace] = []
    shown: dict[str, None] = {}
    for passage in material.passages:
        for match in wanted.finditer(passage.text):
            if match.group() in shown:
                continue
            shown.setdefault(match.group())
            around = passage.text[max(0, match.start() - 16) : match.end() + 6]
            places.append(place(passage.source, around))
    if places:
        quoted = "、".join(f"“{one[:40]}”" for one in list(shown)[:_SHOWN])
        more = f"等{len(shown)}处" if len(shown) > _SHOWN else ""
        message = f"{spoken(places[0].source)}等处留有模板填写提示或占位文字：{quoted}{more}，请删除或补充内容。"
        yield found("template-hint", Severity.QUESTION, message, tuple(places))


HINTS = Check(
    code="template-hint",
    title="模板提示未删除",
    what="查找模板里的填写说明、占位符和“（略）”。",
    example="“（罗列全部科目，至类级。）”留在正文中。",
    doubt="个别括号说明可能是部门自己写的。",
    find=_hints,
)


def _outdated(material: Material) -> Iterator[Finding]:
    for entry in word_list("hints")["outdated"]:
        if material.year is None or not material.year.isdigit() or int(material.year) < entry["from"]:
            continue
        if _agency(material) in entry["not_for"]:
            continue
        wanted = re.compile("|".join(entry["words"]))
        hits = [one for one in material.sentences if wanted.search(one.text)]
        if hits:
            clauses = [clause for one in hits for clause in re.split(r"[，；。]", one.text) if wanted.search(clause)]
            quoted = "、".join(f"“{one}”" for one in dict.fromkeys(clauses[:_SHOWN]))
            places = tuple(
                place(one.source, clause)
                for one in hits
                for clause in re.split(r"[；。]", one.text)
                if wanted.search(clause)
            )
            message = f"{material.year}年度报告{spoken(hits[0].source)}等处写有{quoted}，请核对是否沿用以前年度文字。"
            yield found("outdated-wording", Severity.QUESTION, message, places[:_SHOWN])


OUTDATED = Check(
    code="outdated-wording",
    title="沿用以前年度文字",
    what="评价年度与文中事项的年代不符（如2023年以后仍写疫情防控措施）。",
    example="2024年度报告写“统筹抓好疫情防控”。",
    doubt="后续支付或总结性回顾确有可能。",
    find=_outdated,
)
