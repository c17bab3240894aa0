"""From a YAML file to a RuleSet (评价规则的载入): numbers exact, unknown names refused, overrides applied and kept."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from models.checks import known_codes
from models.rules.authored import ExtendingFile, FullFile
from models.rules.overriding import overridden
from models.rules.registry import kind_of
from models.rules.schema import Rule, RuleSet, RuleSetError, canonical

FOLDER = resources.files("models") / "rulesets"
CASES = ".cases.yml"


# What went wrong, by pydantic's error type, for people who write rule files.
PROBLEMS: dict[str, str] = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这个名称，请核对拼写",
    "string_type": "须为文字（像日期、版本号这样的要加引号）",
    "string_pattern_mismatch": "只能用小写字母、数字和连字符",
    "decimal_type": "须为数字",
    "decimal_parsing": "须为数字",
    "int_type": "须为整数",
    "int_parsing": "须为整数",
    "int_from_float": "须为整数",
    "bool_type": "须为 true 或 false",
    "bool_parsing": "须为 true 或 false",
    "list_type": "须为列表",
    "dict_type": "须为一组“名称: 值”",
    "model_type": "须为一组“名称: 值”",
}


class ExactLoader(yaml.SafeLoader):
    """YAML with exact numbers (精确数值的YAML): every number with a point becomes a Decimal of its own digits.

    A name given twice in one place is refused; YAML itself would quietly keep the last.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping without repeated names (不重复的映射). Raises ConstructorError with the line."""
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(None, None, f"“{name}”写了两次", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(loader.construct_scalar(node).replace("_", ""))


ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)


def available() -> tuple[str, ...]:
    """The ids of the rule sets that come with the software (可用的评价规则), sorted."""
    names = [entry.name for entry in FOLDER.iterdir()]
    return tuple(sorted(n.removesuffix(".yml") for n in names if n.endswith(".yml") and not n.endswith(CASES)))


def load(id_or_path: str | Path) -> RuleSet:
    """The rule set with this id, or in this YAML file (载入评价规则).

    Raises RuleSetError with the file, the place and what to do.
    """
    if isinstance(id_or_path, Path) or str(id_or_path).endswith((".yml", ".yaml")):
        path = Path(id_or_path)
        if not path.is_file():
            raise RuleSetError(f"没有找到评价规则文件“{path}”。请检查路径。")
        return resolve(read_yaml(path.read_text(encoding="utf-8"), path.name), path.name, ())
    return _packaged(id_or_path, ())


def project_rules(ruleset: RuleSet) -> tuple[Rule, ...]:
    """The lines and citations that the project scores of a department's rule set rest on (项目评分的依据).

    Empty where the rule set names no project rules, or does not come with the software.
    """
    return _project_rules((*ruleset.extends, ruleset.id)[0])


@cache
def _project_rules(base: str) -> tuple[Rule, ...]:
    if base not in available():
        return ()
    name = f"{base}.yml"
    reference = read_yaml((FOLDER / name).read_text(encoding="utf-8"), name).get("project_rules")
    return _packaged(reference, ()).rules if reference else ()


@cache
def _packaged(ruleset_id: str, trail: tuple[str, ...]) -> RuleSet:
    if ruleset_id in trail:
        raise RuleSetError(f"评价规则互相继承，无法载入：{' → '.join((*trail, ruleset_id))}。")
    if ruleset_id not in available():
        raise RuleSetError(f"没有编号为“{ruleset_id}”的评价规则。可用的编号：{'、'.join(available())}。")
    name = f"{ruleset_id}.yml"
    ruleset = resolve(read_yaml((FOLDER / name).read_text(encoding="utf-8"), name), name, (*trail, ruleset_id))
    if ruleset.id != ruleset_id:
        raise RuleSetError(f"评价规则文件“{name}”中的编号是“{ruleset.id}”，须与文件名一致。")
    return ruleset


def read_yaml(text: str, name: str) -> dict[str, Any]:
    """Parse YAML with exact numbers (解析YAML). Raises RuleSetError with the line."""
    try:
        content = yaml.load(text, Loader=ExactLoader)  # noqa: S506 - ExactLoader is a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"第{mark.line + 1}行" if mark else ""
        raise RuleSetError(f"文件“{name}”{place}不是有效的YAML：{getattr(error, 'problem', error)}。") from error
    if not isinstance(content, dict):
        raise RuleSetError(f"文件“{name}”的内容须是一组“名称: 值”。")
    return content


def resolve(content: dict[str, Any], name: str, trail: tuple[str, ...]) -> RuleSet:
    """A parsed file as a RuleSet (解析继承关系并校验). ``trail`` holds the ids on the way here, against circles."""
    try:
        if "extends" in content:
            return _with_settings(_extended(ExtendingFile.model_validate(content), trail), name)
        return _with_settings(_full(FullFile.model_validate(content), trail), name)
    except ValidationError as error:
        raise RuleSetError(f"评价规则文件“{name}”有误：{_spoken(error)}") from error


def _full(file: FullFile, trail: tuple[str, ...]) -> RuleSet:
    groups = {group.id: group for group in file.groups}
    content = {key: value for key, value in file.model_dump().items() if value is not None}
    reference = content.pop("project_rules", None)
    if reference:
        content["project"] = _packaged(reference, trail).project
    for rule in content["rules"]:
        group = groups.get(rule["group"])
        if group is None:
            raise RuleSetError(f"评价规则“{file.id}”的指标“{rule['label']}”所属的组“{rule['group']}”没有定义。")
        rule["level1"] = group.level1
        rule["level2"] = rule["level2"] or group.label
    return RuleSet.model_validate(content)


def _extended(file: ExtendingFile, trail: tuple[str, ...]) -> RuleSet:
    base = _packaged(file.extends, trail)
    content = base.model_dump()
    header = file.model_dump(exclude={"extends", "overrides"})
    notes = [overridden(content, override, file.id) for override in file.overrides]
    kept = [*content["overrides"], *notes]
    notes_kept = [*content["notes"], *header["notes"]]
    content |= header | {"extends": [*base.extends, base.id], "overrides": kept, "notes": notes_kept}
    return RuleSet.model_validate(content)


def _with_settings(ruleset: RuleSet, name: str) -> RuleSet:
    """Every line with the full settings of its kind, so that the digest covers defaults too; its checks must exist."""
    unknown = sorted(set(ruleset.checks) - set(known_codes()))
    if unknown:
        raise RuleSetError(
            f"评价规则文件“{name}”的 checks 中没有“{'”“'.join(unknown)}”这样的检查代码，请核对拼写。"
            f"可用的代码：{'、'.join(known_codes())}。"
        )
    return ruleset.model_copy(update={"rules": tuple(_checked(rule, name) for rule in ruleset.rules)})


def _checked(rule: Rule, name: str) -> Rule:
    kind = kind_of(rule)
    place = f"评价规则文件“{name}”的指标“{rule.label}”"
    try:
        params = kind.params.model_validate(rule.params)
    except ValidationError as error:
        raise RuleSetError(f"{place}的参数有误：{_spoken(error)}") from error
    problem = kind.check(rule, params)
    if problem:
        raise RuleSetError(f"{place}：{problem}。")
    return rule.model_copy(update={"params": canonical(params)})


def _problem(item: Any) -> str:
    if item["type"] == "literal_error":
        return f"只能是 {item['ctx']['expected'].replace(' or ', ' 或 ')}"
    return PROBLEMS.get(item["type"], item["msg"].removeprefix("Value error, "))


def _spoken(error: ValidationError) -> str:
    """Validation errors in one line: the place in the file, then what is wrong."""
    parts = []
    for item in error.errors():
        place = ".".join(str(step) for step in item["loc"]) or "（整体）"
        parts.append(f"{place}：{_problem(item)}")
    return "；".join(parts)
