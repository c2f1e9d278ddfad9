"""``local:PATH``: a model from a folder plays the agent, through transformers, greedily.

Greedy decoding on one machine is repeatable. A model is loaded once per folder and process. Several turns of different episodes can
be answered at once (``answer_all``), which on a CPU costs little more than answering one. What the model writes is data:
a text that is no usable answer is an invalid answer with its reason. Weights are read from safetensors only, and no code that comes
with a model is ever run.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dramaturg.runtime.dialects import Message
from dramaturg.runtime.policy import TurnView
from dramaturg.runtime.prompt import messages, read_answer
from dramaturg.runtime.trace import Answer

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

MAX_NEW_TOKENS = 256
"""A longer answer is cut, and then no JSON object."""


@dataclass(frozen=True, eq=False, slots=True)
class Loaded:
    tokenizer: PreTrainedTokenizerBase
    model: PreTrainedModel


@dataclass(frozen=True, slots=True)
class Local:
    """The model in this folder. Raises ValueError at its first answer where there is none, or transformers is missing."""

    path: str
    width: int = 32
    name: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"local:{Path(self.path).name}")
        if not (Path(self.path) / "config.json").is_file():
            raise ValueError(f"{self.path} is no folder with a model: it has no config.json")

    def answer(self, view: TurnView) -> Answer:
        return self.answer_all([view])[0]

    def answer_all(self, views: Sequence[TurnView]) -> list[Answer]:
        """An answer for each view, all decoded together."""
        texts = generate(load(str(Path(self.path).resolve())), [messages(view) for view in views])
        return [read_answer(text, view.scenario) for text, view in zip(texts, views, strict=True)]


@cache
def load(path: str) -> Loaded:
    """The model of a folder, kept for the life of the process."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError as error:
        raise ValueError(f"a local model needs the training extra: pip install 'dramaturg[train]' ({error})") from error
    tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True, trust_remote_code=False, padding_side="left")
    if tokenizer.chat_template is None:
        raise ValueError(f"{path} has no chat template")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    model = AutoModelForCausalLM.from_pretrained(
        path, local_files_only=True, trust_remote_code=False, use_safetensors=True
    )
    model.eval()
    if torch.cuda.is_available():
        model = model.to("cuda")
    return Loaded(tokenizer, model)


def generate(loaded: Loaded, prompts: Sequence[Sequence[Message]]) -> list[str]:
    """What the model writes after each prompt, up to its end of turn."""
    import torch

    tokenizer, model = loaded.tokenizer, loaded.model
    texts = [
        str(tokenizer.apply_chat_template(defused(prompt, tokenizer), tokenize=False, add_generation_prompt=True))
        for prompt in prompts
    ]
    batch = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False).to(model.device)
    with torch.inference_mode():
        out = model.generate(
            **batch,
            max_new_tokens=MAX_NEW_TOKENS,
            do_sample=False,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    written = out[:, batch["input_ids"].shape[1] :]
    return [text.strip() for text in tokenizer.batch_decode(written, skip_special_tokens=True)]


def defused(prompt: Sequence[Message], tokenizer: PreTrainedTokenizerBase) -> list[Message]:
    """The messages with the model's control tokens spelt apart: what somebody says cannot end a turn or open another."""
    out = []
    for message in prompt:
        content = str(message["content"])
        for token in tokenizer.all_special_tokens:
            content = content.replace(token, " ".join(token))
        out.append({**message, "content": content})
    return out
