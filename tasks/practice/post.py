"""How the practice year's people send things (演练投递): a mail with attachments into the mailbox, files into the folder.

Everything gets a name of its own, so that doing it again after a kill changes nothing.
"""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Sequence
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from pathlib import Path

from tasks import clock


def prepare_mailbox(mailbox: Path) -> None:
    """Make an empty mailbox (建立邮箱目录) in the Maildir layout."""
    for part in ("new", "cur", "tmp"):
        (mailbox / part).mkdir(parents=True, exist_ok=True)


def mail_in(
    mailbox: Path, key: str, *, sender: tuple[str, str], to: str, subject: str, text: str, files: Sequence[Path]
) -> bool:
    """Put one mail into the mailbox (投递邮件), complete or not at all; False when it is there already."""
    name = f"{key}.practice"
    if list((mailbox / "new").glob(f"{name}*")) or list((mailbox / "cur").glob(f"{name}*")):
        return False
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = formataddr(sender)
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{key}@{sender[1].rpartition('@')[2]}>"
    message.set_content(text)
    for file in files:
        kind = (mimetypes.guess_type(file.name)[0] or "application/octet-stream").split("/")
        message.add_attachment(file.read_bytes(), maintype=kind[0], subtype=kind[1], filename=file.name)
    temporary = mailbox / "tmp" / name
    temporary.write_bytes(message.as_bytes())
    _stamp(temporary)
    temporary.replace(mailbox / "new" / name)
    return True


def drop_in(inbox: Path, folder: str, files: Sequence[Path]) -> bool:
    """Put files into a department's folder (放入收件文件夹), each complete; False when they are all there already."""
    target = inbox / folder
    target.mkdir(parents=True, exist_ok=True)
    new = [file for file in files if not (target / file.name).exists()]
    for file in new:
        temporary = target / f"{file.name}.part"
        temporary.write_bytes(file.read_bytes())
        _stamp(temporary)
        temporary.replace(target / file.name)
    return bool(new)


def _stamp(path: Path) -> None:
    """Give a file the practice year's time (演练时刻), which the channels take as the time of arrival."""
    moment = clock.now().timestamp()
    os.utime(path, (moment, moment))
