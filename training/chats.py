"""Chat messages as rows hold them: a wire format of two texts."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from dramaturg.runtime.dialects import Message


class Chat(BaseModel):
    """One chat message."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: str
    content: str


def chats(messages: Sequence[Message]) -> list[Chat]:
    """Messages of a plain dialect as rows hold them."""
    return [Chat(role=str(message["role"]), content=str(message["content"])) for message in messages]
