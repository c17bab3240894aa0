"""Passwords (密码): from the environment, or from a Prefect Secret block when one is named. Never stored, never shown."""

from __future__ import annotations

from pydantic import SecretStr


class SecretUnavailableError(ValueError):
    """A Prefect Secret block that was named cannot be used (密钥块不可用); the message never holds its content."""


def password(plain: SecretStr, block: str) -> str:
    """The password itself (密码): out of the block when one is named, else as the environment gave it; "" for none.

    Raises SecretUnavailableError when the block does not exist or holds no text.
    """
    return held_in(block) if block else plain.get_secret_value()


def held_in(block: str) -> str:
    """The text a Prefect Secret block holds (密钥块内容), asked anew each time so that a changed password takes effect."""
    from prefect.blocks.system import Secret

    try:
        content = Secret.load(block).get()  # type: ignore[union-attr]
    except Exception:  # noqa: BLE001  a missing block, an unreachable server, a broken type: the same to whoever waits
        content = None
    if not isinstance(content, str) or not content:
        # Raised outside the handler: what went wrong could quote the secret itself.
        raise SecretUnavailableError(
            f"读不到 Prefect 密钥块“{block}”：请在界面的 Blocks 中核对其名称（Secret 类型，内容为密码文本），"
            "并确认服务器可连接。"
        )
    return content
