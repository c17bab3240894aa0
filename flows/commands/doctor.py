"""``jixiao doctor``: what is configured, reachable or missing (运行环境检查), each with what to do."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from flows.commands import environment
from tasks import filestore, server, settings, store


@dataclass(frozen=True)
class Answer:
    """One check (一项检查): ``needed`` ones make the command fail."""

    name: str
    fine: bool
    told: str
    needed: bool = True


def doctor(home: Path) -> int:
    """Check everything a year needs (运行环境检查); 0 when every stage could run, 1 otherwise."""
    environment.enter(home)
    console = Console()
    answers = [check() for check in CHECKS]
    for answer in answers:
        mark = "[green]✓[/]" if answer.fine else ("[red]✗[/]" if answer.needed else "[yellow]–[/]")
        console.print(f" {mark} {answer.name}：{answer.told}", soft_wrap=True)
    missing = [answer.name for answer in answers if answer.needed and not answer.fine]
    console.print(f"[red]不能运行，缺少：{'、'.join(missing)}[/]" if missing else "[green]各环节都可以运行。[/]")
    return 1 if missing else 0


def _home() -> Answer:
    folder = settings.current().home
    parent = next(p for p in (folder, *folder.resolve().parents) if p.exists())
    fine = os.access(parent, os.W_OK)
    return Answer("数据目录", fine, str(folder) if fine else f"{parent} 不可写，请改用其他目录或调整权限")


def _database() -> Answer:
    try:
        store.migrate()
    except store.StoreError as error:
        return Answer("业务数据库", False, str(error))
    shown = store.engine(settings.current().resolved_database_url).url.render_as_string(hide_password=True)
    return Answer("业务数据库", True, shown)


def _files() -> Answer:
    try:
        return Answer("文件库", True, filestore.check())
    except filestore.UnusableError as error:
        return Answer("文件库", False, str(error))


def _prefect() -> Answer:
    named = os.environ.get("PREFECT_API_URL")
    if not named:
        return Answer("工作流服务", True, "未指定 PREFECT_API_URL，jixiao up 会在本机启动")
    fine = server.healthy(named)
    return Answer("工作流服务", fine, named if fine else f"{named} 没有响应，请启动该服务")


def _smtp() -> Answer:
    found = settings.current()
    if not found.smtp_host:
        return Answer("发信服务器", False, "未设置，请设置 JIXIAO_SMTP_HOST、JIXIAO_SMTP_PORT、JIXIAO_MAIL_FROM")
    if not found.mail_from:
        return Answer("发信服务器", False, "未设置发件地址，请设置 JIXIAO_MAIL_FROM")
    return _reachable("发信服务器", found.smtp_host, found.smtp_port)


def _imap() -> Answer:
    found = settings.current()
    if not found.imap_host:
        return Answer(
            "收信服务器", False, f"未设置 IMAP，只读取本地邮箱 {found.mailbox_folder} 和收件文件夹", needed=False
        )
    return _reachable("收信服务器", found.imap_host, found.imap_port)


def _reachable(name: str, host: str, port: int) -> Answer:
    try:
        with socket.create_connection((host, port), timeout=5):
            return Answer(name, True, f"{host}:{port} 可以连接")
    except OSError as error:
        return Answer(name, False, f"{host}:{port} 无法连接（{error.strerror or error}），请检查地址、端口和网络")


def _reviewers() -> Answer:
    people = settings.current().reviewer_list
    if not people:
        return Answer("复核人员", False, "未设置，请设置 JIXIAO_REVIEWERS，如 张三 <zs@example>；李四 <ls@example>")
    return Answer("复核人员", True, "、".join(name for name, _ in people))


def _staff() -> Answer:
    people = settings.current().staff_list
    told = "、".join(name for name, _ in people) or "未设置，运行失败时无人收到邮件；请设置 JIXIAO_STAFF"
    return Answer("接收告警的工作人员", bool(people), told, needed=False)


def _program(name: str, command: str, without: str) -> Callable[[], Answer]:
    def check() -> Answer:
        path = shutil.which(command)
        return Answer(name, path is not None, path or f"未安装，{without}", needed=False)

    return check


def _ocr() -> Answer:
    fine = importlib.util.find_spec("rapidocr") is not None and importlib.util.find_spec("cv2") is not None
    return Answer("扫描件识别", fine, "已安装" if fine else "未安装，扫描件将退回部门或由人工录入", needed=False)


CHECKS: tuple[Callable[[], Answer], ...] = (
    _home,
    _database,
    _files,
    _prefect,
    _smtp,
    _imap,
    _reviewers,
    _staff,
    _program("LibreOffice", "soffice", "个别旧版doc文件将请部门另存后重报"),
    _program("unar", "unar", "rar压缩包将请部门改用zip重报"),
    _ocr,
)
