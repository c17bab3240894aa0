"""From the name of a kind to its pure function (计分方式登记表). A new kind: one file in ``kinds`` and one line here."""

from __future__ import annotations

from types import ModuleType

from models.figures import FigureKey
from models.rules.kinds import (
    budget_accuracy,
    budget_completion,
    dynamic_adjustment,
    execution_progress,
    feedback,
    judged,
    project,
    publication,
    rectification,
    self_accuracy,
    spending_control,
    target_achievement,
    target_setting,
    violations,
)
from models.rules.schema import Rule, RuleSet, RuleSetError
from models.rules.verdict import Kind

_MODULES: tuple[ModuleType, ...] = (
    target_setting,
    target_achievement,
    budget_accuracy,
    spending_control,
    dynamic_adjustment,
    execution_progress,
    budget_completion,
    violations,
    publication,
    rectification,
    feedback,
    self_accuracy,
    judged,
)

_ALL: tuple[Kind, ...] = (*(module.KIND for module in _MODULES), project.EXECUTION, project.INDICATORS)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}


def kind_of(rule: Rule) -> Kind:
    """The kind of a line (指标的计分方式). Raises RuleSetError for a name that is not registered."""
    if rule.kind not in KINDS:
        raise RuleSetError(
            f"指标“{rule.label}”的计分方式“{rule.kind}”不存在。可用的计分方式：{'、'.join(sorted(KINDS))}。"
        )
    return KINDS[rule.kind]


def needed_figures(ruleset: RuleSet) -> tuple[FigureKey, ...]:
    """The bureau's figures a rule set asks for (所需财政数据), in the order of its lines; the data template's columns."""
    keys: dict[FigureKey, None] = {}
    for rule in ruleset.rules:
        kind = kind_of(rule)
        keys |= dict.fromkeys(kind.needs(kind.params.model_validate(rule.params)))
    return tuple(keys)
