"""What letters are made of (函件内容的组成): folded lines and the parts that several kinds share."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from tasks.mail.cleaning import one_line

Line = Annotated[str, AfterValidator(one_line)]


class Context(BaseModel):
    """The content of one letter (函件内容)."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Fact(Context):
    """A label and its value (事项与内容)."""

    label: Line
    value: Line


class Reason(Context):
    """Something to correct or explain (问题): what, where it stands, what to do; ``group`` heads a list of them."""

    text: Line
    place: Line | None = None
    remedy: Line | None = None
    group: Line = ""


class Change(Context):
    """A difference from what was there before (变化), printed as "before → after"; None is printed as 空白."""

    item: Line
    before: Line | None = None
    after: Line | None = None
