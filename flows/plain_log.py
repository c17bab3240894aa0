"""A run's log in plain Chinese (运行日志): what Prefect's engine says of a run is put into words for staff, or left to debug."""

from __future__ import annotations

import logging
import re

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LOGGERS = ("prefect.flow_runs", "prefect.task_runs")

_BEGIN = re.compile(r"^Beginning (?:sub)?flow run '(?P<run>.*)' for (?:sub)?flow '(?P<flow>.*)'$", re.DOTALL)
# Prefect writes a state as Completed('…') or, under another name, as 部分完成('…', type=COMPLETED).
_END = re.compile(
    r"^Finished in state (?P<name>\w+)\((?:message=)?(?:(?P<quote>['\"])(?P<said>.*)(?P=quote))?(?:, )?(?:type=(?P<type>\w+))?\)$",
    re.DOTALL,
)
_ENDS = {
    "COMPLETED": "办理完毕",
    "FAILED": "没有办成",
    "CRASHED": "运行中断",
    "CANCELLED": "已取消",
}


class PlainWords(logging.Filter):
    """Lets through what staff can read (日志过滤); warnings and errors always."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Put the record into Chinese where it is known; whether it is shown."""
        said = record.getMessage()
        told = in_chinese(said)
        if told is not None:
            record.msg, record.args = told, ()
            return True
        return record.levelno != logging.INFO or bool(CHINESE.search(said))


def in_chinese(said: str) -> str | None:
    """What the engine says, in Chinese (日志译文); None for what has no translation."""
    begin = _BEGIN.match(said)
    if begin:
        return f"开始办理“{begin['flow']}”（{begin['run']}）。"
    end = _END.match(said)
    if end is None:
        return None
    words = _ENDS.get(end["type"] or end["name"].upper(), "已结束")
    own = "" if end["name"].isascii() else f"（{end['name']}）"
    return f"{words}{own}：{end['said']}" if end["said"] else f"{words}{own}。"


def attach() -> None:
    """Let every run of this process log in plain words (启用); again changes nothing."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        # A worker hides its own chatter about starting processes; what a run says is shown whatever the worker's level is.
        logger.setLevel(logging.INFO if logger.level > logging.INFO else logger.level)
        for handler in logger.handlers:
            if not any(isinstance(known, PlainWords) for known in handler.filters):
                handler.addFilter(PlainWords())
