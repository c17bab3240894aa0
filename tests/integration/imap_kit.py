"""A small real IMAP server on loopback (RFC 3501, the reading half), with the faults that a test orders."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any


class Mailbox:
    """One folder. ``cut_after`` closes the connection after so many fetched bodies, ``hang_up_at`` at that command (0 = at
    once); what is ``withheld`` is refused."""

    def __init__(self) -> None:
        self.validity = 1
        self.messages: dict[int, tuple[bytes, datetime]] = {}
        self.next_uid = 1
        self.commands: list[str] = []
        self.folder = "INBOX"
        self.password = "correct-horse"
        self.cut_after: int | None = None
        self.bodies_sent = 0
        self.hang_up_at: int | None = None
        self.withheld: set[int] = set()

    def add(self, raw: bytes, when: datetime) -> int:
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.messages[uid] = (raw, when)
        return uid

    def renumber(self) -> None:
        """What a server does after a restore: new UIDVALIDITY, new UIDs, same messages."""
        self.validity += 1
        kept = list(self.messages.values())
        self.messages = dict(enumerate(kept, start=1))
        self.next_uid = len(kept) + 1


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        box: Mailbox = self.server.box  # type: ignore[attr-defined]
        left = box.hang_up_at
        if left == 0:
            return
        self.say("* OK ready")
        while line := self.rfile.readline():
            left = None if left is None else left - 1
            if left == 0:
                # In the middle of a message, as far as the other side can tell.
                self.wfile.write(b"* 1 FETCH (UID 1 BODY[] {100000}\r\nFrom: ")
                return
            tag, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            box.commands.append(rest)
            if not self.obey(box, tag, rest):
                return

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def obey(self, box: Mailbox, tag: str, rest: str) -> bool:
        verb = rest.split(" ")[0].upper()
        if verb == "CAPABILITY":
            extra = " STARTTLS" if self.server.context else ""  # type: ignore[attr-defined]
            self.say(f"* CAPABILITY IMAP4rev1 ID{extra}")
        elif verb == "STARTTLS":
            self.say(f"{tag} OK go")
            self.connection = self.server.context.wrap_socket(self.connection, server_side=True)  # type: ignore[attr-defined]
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
            return True
        elif verb == "LOGIN":
            if f'"{box.password}"' not in rest:
                self.say(f"{tag} NO [AUTHENTICATIONFAILED] wrong")
                return True
        elif verb in {"SELECT", "EXAMINE"}:
            if box.folder not in rest:
                self.say(f"{tag} NO no such folder")
                return True
            self.say(f"* {len(box.messages)} EXISTS")
            self.say(f"* OK [UIDVALIDITY {box.validity}] valid")
        elif verb == "UID":
            if "FETCH" in rest and int(rest.split()[2]) in box.withheld:
                self.say(f"{tag} NO [INUSE] try later")
                return True
            if not self.uid(box, rest):
                return False
        elif verb == "LOGOUT":
            self.say("* BYE")
            self.say(f"{tag} OK bye")
            return False
        self.say(f"{tag} OK done")
        return True

    def uid(self, box: Mailbox, rest: str) -> bool:
        if found := re.match(r"UID SEARCH UID (\d+):\*", rest):
            start = int(found.group(1))
            uids = [u for u in box.messages if u >= start] or list(box.messages)[-1:]
            self.say("* SEARCH " + " ".join(map(str, uids)))
            return True
        found = re.match(r"UID FETCH (\d+) \((.*)\)", rest)
        assert found, rest
        uid = int(found.group(1))
        if uid not in box.messages:
            return True
        raw, when = box.messages[uid]
        if "RFC822.SIZE" in found.group(2):
            stamp = when.strftime("%d-%b-%Y %H:%M:%S +0000")
            self.say(f'* 1 FETCH (UID {uid} RFC822.SIZE {len(raw)} INTERNALDATE "{stamp}")')
            return True
        if box.cut_after is not None and box.bodies_sent >= box.cut_after:
            box.cut_after = None
            return False
        box.bodies_sent += 1
        content = raw.partition(b"\r\n\r\n")[0] if "HEADER" in found.group(2) else raw
        self.wfile.write(f"* 1 FETCH (UID {uid} BODY[] {{{len(content)}}}\r\n".encode() + content + b")\r\n")
        return True


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    box: Mailbox
    context: ssl.SSLContext | None = None
    wrap: ssl.SSLContext | None = None

    def get_request(self) -> Any:
        connection, address = super().get_request()
        return (self.wrap.wrap_socket(connection, server_side=True) if self.wrap else connection), address


@contextmanager
def imap_server(
    box: Mailbox, *, starttls: ssl.SSLContext | None = None, wrap: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Serve a mailbox on loopback; yields the port."""
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.box, server.context, server.wrap = box, starttls, wrap
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
