"""Entering a data folder (进入数据目录): its settings file is read, the process works in it from then on."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from dotenv import dotenv_values

from tasks import settings

SETTINGS_FILE = "jixiao.env"
EXAMPLE = settings.PROJECT_ROOT / "deployments" / "env.example"
PRIVATE = stat.S_IRUSR | stat.S_IWUSR


def enter(home: Path) -> Path | None:
    """Work in ``home`` (进入数据目录): what its jixiao.env says holds, unless the environment says otherwise.

    Returns the settings file, None when there is none. A file that others can read is closed to them: it may hold
    passwords.
    """
    os.environ["JIXIAO_HOME"] = str(home.resolve())
    file = home / SETTINGS_FILE
    found = file if file.is_file() else None
    if found:
        found.chmod(PRIVATE)
        for name, value in dotenv_values(found, interpolate=False).items():
            if name.startswith(("JIXIAO_", "PREFECT_")) and value is not None:
                os.environ.setdefault(name, value)
    settings.current.cache_clear()
    return found


def offer_settings(home: Path) -> Path | None:
    """Put a settings file with every setting and its default into a new data folder (生成设置文件); None when one is there."""
    file = home / SETTINGS_FILE
    if file.exists() or not EXAMPLE.is_file():
        return None
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(EXAMPLE, file)
    file.chmod(PRIVATE)
    return file
