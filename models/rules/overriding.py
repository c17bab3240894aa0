"""A county's changes to the set it extends (调整事项): one value at one path, with a reason and a citation."""

from __future__ import annotations

from typing import Any

from models.rules.authored import AuthoredOverride
from models.rules.difference import PARTS, RULE_PARTS
from models.rules.schema import Citation, OverrideNote, RuleSetError, canonical
from models.rules.wording import setting, spoken

PROTECTED = frozenset({"id", "extends", "overrides", "rules", "groups", "subject"})


def overridden(content: dict[str, Any], override: AuthoredOverride, ruleset_id: str) -> OverrideNote:
    """Set one value in ``content`` and return the note that keeps both (执行一项调整).

    A step of the path is a name, or the id of a member of a list. Raises RuleSetError for a path that does not exist.
    """
    steps = override.path.split(".")
    if override.path in PROTECTED or "id" in steps[-1:]:
        raise RuleSetError(f"评价规则“{ruleset_id}”不能整体调整“{override.path}”，请写到具体的参数。")
    holder: Any = content
    for step in steps[:-1]:
        holder = _member(holder, step, override.path, ruleset_id)
    last = steps[-1]
    if not isinstance(holder, dict) or (last not in holder and steps[0] not in ("checks", "form_labels")):
        raise RuleSetError(f"评价规则“{ruleset_id}”要调整的“{override.path}”在被继承的规则中不存在，请核对路径。")
    before = holder.get(last)
    holder[last] = override.value
    rule = _member(content["rules"], steps[1], override.path, ruleset_id) if steps[0] == "rules" else None
    if rule is not None:
        _recite(rule, last, override)
    return OverrideNote(
        path=override.path,
        place=_place(steps, rule),
        before=spoken(canonical(before), last),
        after=spoken(canonical(override.value), last),
        reason=override.reason,
        citation=override.citation,
    )


def _member(holder: Any, step: str, path: str, ruleset_id: str) -> Any:
    if isinstance(holder, dict) and step in holder:
        return holder[step]
    if isinstance(holder, list | tuple):
        for item in holder:
            if isinstance(item, dict) and item.get("id") == step:
                return item
    raise RuleSetError(f"评价规则“{ruleset_id}”要调整的“{path}”中没有“{step}”，请核对路径。")


def _recite(rule: dict[str, Any], name: str, override: AuthoredOverride) -> None:
    """A changed line cites the change, keeps the old citation as a note, and its open question is answered."""
    old = Citation.model_validate(rule["citation"])
    if old.document != override.citation.document:
        rule["citation"] = override.citation.model_copy(
            update={"note": f"在原规则基础上调整，原依据：{old.spoken()}"}
        ).model_dump()
    rule["policies"] = [
        note | {"choice": override.reason, "confirmed": override.citation.confirmed} if note["param"] == name else note
        for note in rule["policies"]
    ]


def _place(steps: list[str], rule: dict[str, Any] | None) -> str:
    if rule is None:
        return "·".join([PARTS.get(steps[0], steps[0]), *(setting(step) for step in steps[1:])])
    rest = [RULE_PARTS.get(steps[2], steps[2])] if len(steps) == 3 else [setting(step) for step in steps[3:]]
    return "·".join([rule["label"], *rest])
