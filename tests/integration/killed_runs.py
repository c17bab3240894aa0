"""Runs one day of the small year again and again, each time killed by SIGKILL at a later point, until it comes through.

Started by test_flow_killed.py: ``killed_runs.py HOME MONTH DAY``. Prints how often it was killed. The real flows run against
the Prefect server that PREFECT_API_URL names. The processes are forked before any thread is started.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

import year_kit
from sqlalchemy import event
from sqlmodel import Session

from flows import advance_cycle, practice_clerk
from tasks import clock
from tasks.mail import smtp
from tasks.practice import people

MOST_RUNS = 60


def main() -> None:
    home, moment = Path(sys.argv[1]), year_kit.on(int(sys.argv[2]), int(sys.argv[3]))
    killed = 0
    for run in range(1, MOST_RUNS):
        child = os.fork()
        if child == 0:
            _die_after(2 * run * run + run % 2)
            _one_day(home, moment)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            killed += 1
        elif status == 0:
            print(killed)
            return
        else:
            sys.exit(f"the day failed with status {status} after {killed} kills")
    sys.exit("the day never came through")


def _die_after(steps: int) -> None:
    """Kill this process at its nth step: a step is a commit (before or after it, in turn) or a mail handed to the server."""
    left = steps

    def step(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Session, "before_commit" if steps % 2 else "after_commit", step)
    send = smtp.Sender.send

    def counted(sender: smtp.Sender, to_address: str, content: bytes) -> smtp.Outcome:
        outcome = send(sender, to_address, content)
        step()
        return outcome

    smtp.Sender.send = counted  # type: ignore[method-assign]


def _one_day(home: Path, moment: datetime) -> None:
    with year_kit.opened(home) as year:
        clock.set_now(moment)
        people.act(year.world, moment.date())
        advance_cycle.advance_cycle(year_kit.YEAR)
        while practice_clerk.work(year.world, year_kit.SEED):
            advance_cycle.advance_cycle(year_kit.YEAR)


if __name__ == "__main__":
    main()
