"""The IMAP mailbox (IMAP邮箱): read without marking, moving or deleting anything.

A message is known by mailbox, UIDVALIDITY and UID. When the server renumbers (another UIDVALIDITY) everything is read
again and recognised by its bytes, so nothing is lost and nothing answered twice.
"""

from __future__ import annotations

import base64
import imaplib
import re
import ssl
import time
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from sqlmodel import select

from models.records import MailTally
from models.states import Channel
from tasks import clock, secrets, store
from tasks.intake.arrivals import Arrival, ChannelError, no_later_than_now, origin_of
from tasks.intake.limits import Limits
from tasks.mail.cleaning import one_line
from tasks.settings import Settings

TIMEOUT_SECONDS = 30


def arrivals(settings: Settings, known: Container[str], limits: Limits) -> Iterator[Arrival]:
    """Messages not yet in the ledger (新邮件), by UID. Raises ChannelError when the mailbox cannot be read."""
    withheld: list[str] = []
    box = f"imap/{settings.imap_user}@{settings.imap_host}/{settings.imap_folder}"
    with _opened(settings) as (connection, validity):
        tally = _tally(box)
        last = int(tally.get("last_uid", "0")) if tally.get("uidvalidity") == validity else 0
        for uid in _uids_after(connection, last):
            origin = origin_of(f"{box};{validity}/{uid}")
            if origin not in known:
                try:
                    arrival = _fetch(connection, uid, origin, limits)
                except _WithheldError as error:
                    withheld.append(f"UID {uid}（{_clean(error)}）")
                    continue
                if arrival is not None:
                    yield arrival
            # Only when the ledger has the message (we were asked for the next one) does the tally move on; it stays
            # before a message that the server did not hand over, which the next run asks for again.
            if not withheld:
                _remember(box, validity, uid)
    if withheld:
        raise ChannelError(f"服务器没有交出 {'、'.join(withheld[:20])}：其余邮件已收取，下次运行再取这些邮件")


class _WithheldError(Exception):
    """A message that is there but was not handed over (邮件未交出)."""


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[imaplib.IMAP4, str]]:
    where = f"{settings.imap_host}:{settings.imap_port}"
    try:
        connection = _connect(settings)
    except ssl.SSLError as error:
        raise ChannelError(f"{where} 的加密连接未通过验证（{_clean(error)}）：请核对地址、端口和证书") from error
    except OSError as error:
        raise ChannelError(f"无法连接 {where}（{_clean(error)}）：请检查网络和地址，下次运行继续") from error
    except imaplib.IMAP4.abort as error:
        raise ChannelError(f"{where} 中断了连接（{_clean(error)}），下次运行再试") from error
    except imaplib.IMAP4.error as error:
        raise ChannelError(f"{where} 不接受加密方式 {settings.imap_security}（{_clean(error)}）") from error
    try:
        yield connection, _select(connection, settings)
    except secrets.SecretUnavailableError as error:
        raise ChannelError(f"{where}：{error}") from error
    except imaplib.IMAP4.abort as error:
        raise ChannelError(f"与 {where} 的连接中断（{_clean(error)}），下次运行从中断处继续") from error
    except imaplib.IMAP4.error as error:
        raise ChannelError(
            f"{where} 拒绝了请求（{_clean(error)}）：请核对账号 {settings.imap_user}、密码和文件夹名"
        ) from error
    except OSError as error:
        raise ChannelError(f"与 {where} 的连接中断（{_clean(error)}），下次运行从中断处继续") from error
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            connection.logout()


def _connect(settings: Settings) -> imaplib.IMAP4:
    trusted = ssl.create_default_context(cafile=str(settings.imap_ca_file) if settings.imap_ca_file else None)
    if settings.imap_security == "ssl":
        return imaplib.IMAP4_SSL(settings.imap_host, settings.imap_port, ssl_context=trusted, timeout=TIMEOUT_SECONDS)
    connection = imaplib.IMAP4(settings.imap_host, settings.imap_port, timeout=TIMEOUT_SECONDS)
    if settings.imap_security == "starttls":
        connection.starttls(trusted)
    return connection


def _select(connection: imaplib.IMAP4, settings: Settings) -> str:
    """Log in and open the folder read-only (打开文件夹); returns its UIDVALIDITY."""
    connection.login(settings.imap_user, secrets.password(settings.imap_password, settings.imap_password_block))
    if "ID" in connection.capabilities:
        # Some Chinese providers refuse SELECT ("Unsafe Login") to programs that do not name themselves.
        with suppress(imaplib.IMAP4.error):
            connection.xatom("ID", '("name" "jixiao" "version" "1")')
    status, said = connection.select(f'"{folder_name(settings.imap_folder)}"', readonly=True)
    if status != "OK":
        raise imaplib.IMAP4.error(f"SELECT {settings.imap_folder}: {said!r}")
    validity = connection.response("UIDVALIDITY")[1]
    if not validity or not validity[0]:
        raise imaplib.IMAP4.error("no UIDVALIDITY")
    return str(int(validity[0]))


def folder_name(name: str) -> str:
    """A folder name in IMAP's modified UTF-7 (文件夹名编码), e.g. 绩效 -> &fun2SA-."""
    coded = []
    for piece in re.split(r"([^\x20-\x7e]+)", name):
        if piece and not piece.isascii():
            text = base64.b64encode(piece.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
            coded.append(f"&{text}-")
        else:
            coded.append(piece.replace("&", "&-").replace("\\", "\\\\").replace('"', '\\"'))
    return "".join(coded)


def _uids_after(connection: imaplib.IMAP4, last: int) -> list[int]:
    status, data = connection.uid("SEARCH", "UID", f"{last + 1}:*")
    if status != "OK":
        raise imaplib.IMAP4.error(f"SEARCH: {data!r}")
    # "n:*" always includes the last message, even when its UID is smaller than n.
    return sorted(found for line in data if line for found in map(int, line.split()) if found > last)


def _fetch(connection: imaplib.IMAP4, uid: int, origin: str, limits: Limits) -> Arrival | None:
    status, heads = connection.uid("FETCH", str(uid), "(RFC822.SIZE INTERNALDATE)")
    head = next((h for h in heads if isinstance(h, bytes)), None)
    if status != "OK":
        raise _WithheldError(f"{status} {heads!r}")
    if head is None:
        # Deleted by its owner since the search.
        return None
    found = re.search(rb"RFC822\.SIZE (\d+)", head)
    size = int(found.group(1)) if found else 0
    too_large = size > limits.message_bytes
    status, data = connection.uid("FETCH", str(uid), "(BODY.PEEK[HEADER])" if too_large else "(BODY.PEEK[])")
    content = next((bytes(part[1]) for part in data if isinstance(part, tuple)), None)
    if status != "OK" or content is None:
        raise _WithheldError(f"{status} {data!r}")
    problem = None
    if too_large:
        limit = limits.message_bytes // 1024 // 1024
        problem = f"邮件有{size // 1024 // 1024}MB，超过{limit}MB的上限，只保存了邮件头；原件在邮箱中（UID {uid}）"
    return Arrival(Channel.MAILBOX, origin, content, _arrived(head), problem=problem, size=size if too_large else None)


def _arrived(head: bytes) -> datetime:
    """When the server received it (服务器收到时刻); what the sender wrote as date is not asked."""
    try:
        when = imaplib.Internaldate2tuple(head)
        return no_later_than_now(datetime.fromtimestamp(time.mktime(when), UTC)) if when else clock.now()
    except (ValueError, OverflowError, OSError):
        # A date that no calendar holds.
        return clock.now()


def _tally(box: str) -> dict[str, str]:
    with store.session() as db:
        found = db.exec(select(MailTally).where(MailTally.name == box[:200])).first()
        return dict(found.value) if found else {}


def _remember(box: str, validity: str, uid: int) -> None:
    with store.session() as db:
        found = db.exec(select(MailTally).where(MailTally.name == box[:200])).first()
        tally = found or MailTally(name=box[:200])
        tally.value = {"uidvalidity": validity, "last_uid": str(uid)}
        db.add(tally)


def _clean(error: Exception) -> str:
    return one_line(str(error), 200)
