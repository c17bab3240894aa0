"""The office names its server before Prefect is loaded: Prefect looks for the address once and else starts a server of its own."""

from __future__ import annotations

import subprocess
import sys


def test_loading_the_command_that_starts_the_office_does_not_load_prefect() -> None:
    program = "import sys, flows.commands.up; print('prefect' in sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
