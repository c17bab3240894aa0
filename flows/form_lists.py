"""How a form field that is chosen from the data takes what the list offers (表单选项): the code out of “106 县文旅局”."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from tasks.stages import choices
from tasks.stages.choices import Listed

# The mark a field carries in its schema; ``flows/offering.py`` turns it into a list on the server.
MARK = "x-choices"
NEEDED = "x-needed-unless"


def listed(kind: Listed) -> dict[str, Any]:
    """The mark of a field whose values are listed (清单字段): ``Field(json_schema_extra=listed(Listed.DEPARTMENTS))``."""
    return {MARK: str(kind)}


def needed_unless_as(kind: Listed, known: str, same: str) -> dict[str, Any]:
    """The mark of a field that must be filled in (条件必填) when ``known`` is on a list, unless ``same`` is what stands there.

    Such a list holds pairs: a redraw needs a reason in a year that has a draw, unless it is the same seed again.
    """
    return {NEEDED: {"list": str(kind), "known": known, "same": same}}


def kind_of(form: type[BaseModel], name: str) -> Listed | None:
    """Which list a field is chosen from (所选清单)."""
    extra = form.model_fields[name].json_schema_extra
    found = extra.get(MARK) if isinstance(extra, dict) else None
    return Listed(found) if isinstance(found, str) else None


def codes(form: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with codes in place of what the lists show (选项还原为代码). What was typed is left as it is.

    Raises ValueError when a remediation item of one department is chosen for another.
    """
    made = dict(values)
    for name in form.model_fields.keys() & values.keys():
        kind, value = kind_of(form, name), values[name]
        if kind is None or kind is Listed.YEARS:
            continue
        if kind is Listed.ITEMS:
            made[name] = _items(value, made)
        elif isinstance(value, str):
            made[name] = choices.code_of(kind, value)
        elif isinstance(value, list):
            made[name] = [choices.code_of(kind, one) if isinstance(one, str) else one for one in value]
    return made


def _items(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_items(one, values) for one in value]
    if not isinstance(value, str):
        return value
    code, number = choices.item_of(value)
    department = choices.code_of(Listed.DEPARTMENTS, str(values.get("department", "")))
    if code and department and code != department:
        raise ValueError(f"整改事项“{value}”不属于所选的部门{department}，请重新选择。")
    return number
