"""What the practice bureau approved (演练县批复的绩效目标和预算): what a department prints, but for what it changed on its own."""

from __future__ import annotations

from models.approved import ApprovedIndicator, ApprovedProject, operator_of
from models.facts import Operator
from tasks.practice.county_model import PracticeDepartment
from tasks.practice.county_project import PracticeIndicator, PracticeProject


def approved_projects(department: PracticeDepartment) -> tuple[ApprovedProject, ...]:
    """A department's approved projects (批复的项目), in its own order."""
    return tuple(_project(department, project) for project in department.projects)


def _project(department: PracticeDepartment, project: PracticeProject) -> ApprovedProject:
    return ApprovedProject(
        name=project.name,
        code=project.code,
        budget=project.initial,
        goal=project.goal,
        indicators=tuple(_indicator(department, project, line) for line in project.indicators),
    )


def _indicator(department: PracticeDepartment, project: PracticeProject, line: PracticeIndicator) -> ApprovedIndicator:
    lowered = {(one.project, one.indicator): one.approved for one in department.story.lowered}
    # A sign that the report prints the wrong way round on purpose was approved the right way.
    planted = [t.right for t in department.story.planted if (t.project, t.item) == (project.name, line.name)]
    signs = [sign for right in planted if (sign := operator_of(right)) is not None]
    return ApprovedIndicator(
        level1=line.level1,
        level2=line.level2,
        name=line.name,
        operator=signs[0] if signs else line.operator,
        target=lowered.get((project.name, line.name), line.target),
        unit="" if line.operator is Operator.TEXT else line.unit,
        weight=line.weight,
    )
