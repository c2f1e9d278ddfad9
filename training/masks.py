"""Masks: which tokens of a dialogue are trained, derived three ways and refused where they disagree.

A mask that is off by a token trains a model to write the next header, or never to stop, and no loss curve shows it. So for
every assistant message the token range is derived (1) from the generation markers of the chat template, (2) from incremental
prefixes: what the dialogue up to and including the message has beyond the dialogue before it and its header, (3) from the
character spans of the messages in the rendered text, mapped through the tokenizer's offsets. Only then are the messages that a row
does not train taken out. Nothing is ever truncated: a row that is too long is an error that names it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dramaturg.training.chats import Chat
from dramaturg.training.corpora.sft import SftRow

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

IGNORED = -100
"""The label of a token that is not trained."""

Range = tuple[int, int]


class MaskError(ValueError):
    """A row whose mask cannot be trusted, or that is too long; the message names the row."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A dialogue as a trainer takes it."""

    input_ids: list[int]
    labels: list[int]
    """``input_ids`` where trained, ``IGNORED`` elsewhere."""


def tokens(tokenizer: PreTrainedTokenizerBase, row: SftRow, most: int) -> Tokens:
    """The row's tokens and labels. Raises MaskError where it has more than ``most`` tokens or its mask is in doubt."""
    name = f"{row.scenario}, trace {row.trace[:12]}, turn {row.turn}"
    for place, chat in enumerate(row.messages):
        held = [token for token in tokenizer.all_special_tokens if token in chat.content]
        if held:
            raise MaskError(f"{name}: message {place} holds the control token {held[0]}")
    ids, marked = by_markers(tokenizer, row.messages)
    if len(ids) > most:
        raise MaskError(f"{name}: {len(ids)} tokens, more than {most}; nothing is truncated")
    places = [place for place, chat in enumerate(row.messages) if chat.role == "assistant"]
    if not row.trained or not set(row.trained) <= set(places):
        raise MaskError(f"{name}: messages {row.trained} are to be trained, and the assistant's are {places}")
    derived = {
        "generation markers": dict(zip(places, marked, strict=False)) if len(marked) == len(places) else {},
        "incremental prefixes": by_prefixes(tokenizer, ids, row.messages, row.trained),
        "character spans": by_spans(tokenizer, row.messages),
    }
    labels = [IGNORED] * len(ids)
    for place in row.trained:
        ranges = {way: found.get(place) for way, found in derived.items()}
        first = ranges["generation markers"]
        if first is None or any(found != first for found in ranges.values()):
            raise MaskError(f"{name}: the ways to derive the mask of message {place} disagree: {ranges}")
        labels[first[0] : first[1]] = ids[first[0] : first[1]]
    return Tokens(ids, labels)


def by_markers(tokenizer: PreTrainedTokenizerBase, messages: Sequence[Chat]) -> tuple[list[int], list[Range]]:
    """The tokens, and the ranges that the template's generation markers enclose."""
    out = tokenizer.apply_chat_template(
        _dicts(messages), tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    ids, mask = list(out["input_ids"]), list(out["assistant_masks"])
    edges = [at for at in range(len(mask) + 1) if (mask[at - 1] if at else 0) != (mask[at] if at < len(mask) else 0)]
    return ids, list(zip(edges[::2], edges[1::2], strict=True))


def by_prefixes(
    tokenizer: PreTrainedTokenizerBase, ids: Sequence[int], messages: Sequence[Chat], places: Sequence[int]
) -> dict[int, Range]:
    """For the messages at ``places``: from where the dialogue before one ends with the assistant's header opened, to the first
    end of a turn after that in ``ids``, the whole dialogue. One whose beginning is tokenised otherwise than alone is left out."""
    ranges: dict[int, Range] = {}
    stop, whole = end_of_turn(tokenizer), list(ids)
    for place in places:
        before = tokenizer.apply_chat_template(
            _dicts(messages[:place]), tokenize=True, return_dict=True, add_generation_prompt=True
        )["input_ids"]
        if whole[: len(before)] == list(before) and stop in whole[len(before) :]:
            ranges[place] = (len(before), whole.index(stop, len(before)) + 1)
    return ranges


def by_spans(tokenizer: PreTrainedTokenizerBase, messages: Sequence[Chat]) -> dict[int, Range]:
    """The tokens that lie inside each assistant message's characters, its end-of-turn marker included."""
    text = str(tokenizer.apply_chat_template(_dicts(messages), tokenize=False))
    marker = tokenizer.convert_ids_to_tokens(end_of_turn(tokenizer))
    offsets: list[Range] = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    starts, ends = [first for first, _ in offsets], [last for _, last in offsets]
    ranges: dict[int, Range] = {}
    at = 0
    for place, chat in enumerate(messages):
        start = text.find(chat.content, at)
        if start < 0:
            break
        at = start + len(chat.content)
        if chat.role == "assistant":
            ranges[place] = (bisect_left(starts, start), bisect_right(ends, at + len(marker)))
    return ranges


def end_of_turn(tokenizer: PreTrainedTokenizerBase) -> int:
    """The token that ends a turn."""
    assert isinstance(tokenizer.eos_token_id, int), "the tokenizer has no end-of-turn token"
    return tokenizer.eos_token_id


def _dicts(messages: Sequence[Chat]) -> list[dict[str, str]]:
    return [{"role": chat.role, "content": chat.content} for chat in messages]
