"""A county's changes to the set it extends (调整事项): one value at one path, with a reason and a citation."""

from __future__ import annotations

import json
from typing import Any

from models.rules.authored import AuthoredOverride
from models.rules.schema import OverrideNote, RuleSetError, canonical

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
    return OverrideNote(
        path=override.path,
        before=_text(before),
        after=_text(override.value),
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


def _text(value: Any) -> str:
    if value is None:
        return "（无）"
    plain = canonical(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
