"""Rule sets (评价规则): the rubric of a province, a year or a county as data, loaded from ``models/rulesets``."""

from models.rules.loading import available, load, project_rules
from models.rules.schema import Citation, Rule, RuleSet, RuleSetError

__all__ = ["Citation", "Rule", "RuleSet", "RuleSetError", "available", "load", "project_rules"]
