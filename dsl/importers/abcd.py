"""ABCD (Action-Based Conversations Dataset) as modules: its catalogue of actions as acts, a sub-flow as a task.

The folder holds ``ontology.json`` (30 actions with their slots, and the values of those that are enumerable), ``kb.json``
(each sub-flow's actions, in order) and ``guidelines.json`` (what a representative is told to do at each step). Without a
sub-flow the whole catalogue is imported. With one, only its actions, each with the slots that its step in the guidelines
speaks of, and a task that takes them in order.

Names become names of this language: ``pull-up-account`` is ``pull_up_account``, the value ``by mail`` is ``by_mail``. An
enumerable slot is ``one of`` its values, unless every value is a proper name (``Crystal Minh``): such a list is a sample of
people, and the slot a text. Where a step's guideline names some values of an enumerable, only those are kept. Slots that a
guideline offers as alternatives ("Full Name or Account ID") may be unknown, ``text?``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dramaturg.dsl.diagnostics import Diagnostic, diagnose
from dramaturg.dsl.expressions.suggest import closest
from dramaturg.dsl.importers.imported import Imported, Importer, Option
from dramaturg.dsl.importers.json_file import Json, JsonFile, read_json
from dramaturg.dsl.importers.yaml_text import Flow, Tree, document

ATTRIBUTION = (
    "ABCD, Action-Based Conversations Dataset, by Derek Chen and others (github.com/asappresearch/abcd).",
    "MIT License, Copyright (c) 2021 ASAPP Research. Changed: actions as acts, slots as types, a sub-flow as a task.",
)

_SAID: Mapping[str, tuple[str, ...]] = {
    "customer_name": ("full name", "customer name"),
    "membership_level": ("membership level", "member level"),
    "account_id": ("account id",),
    "order_id": ("order id",),
    "email": ("email address", "email"),
}
"""How the guidelines speak of a slot, where its own name with blanks is not it."""
_BUTTONS: Mapping[str, str] = {
    "membership_privileges": "membership",
    "notify_internal_team": "notify_team",
    "enter_detail": "enter_details",
    "select_answer": "select_faq",
    "log_out_in": "log_out_in",
    "jeans": "search_jeans",
    "shirt": "search_shirt",
    "boots": "search_boots",
    "jacket": "search_jacket",
    "pricing": "search_pricing",
    "timing": "search_timing",
    "policy": "search_policy",
}
"""Buttons of the guidelines that are not called like their action."""


def plain(words: str) -> str:
    """A name of this language: ``Pull up Account`` is ``pull_up_account``. A leading digit gets an ``n``."""
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    return name if name[:1].isalpha() else f"n{name}"


GIVEN_UP = "10m"
"""How long a conversation may stand still in a state of the task before it counts as left unfinished."""


@dataclass(frozen=True, slots=True)
class Ontology:
    """Actions with their slots, the values of enumerable slots, and the sub-flows in order."""

    actions: Mapping[str, tuple[str, ...]]
    values: Mapping[str, tuple[str, ...]]
    flows: Mapping[str, tuple[str, ...]]
    """Sub-flow to its actions."""


@dataclass(frozen=True, slots=True)
class Step:
    """What the guidelines say about one action of a sub-flow."""

    title: str
    text: str
    """Everything said, in small letters, as one line."""


def abcd(folder: Path, subflow: str | None = None, dialogue: str | None = None) -> Imported:
    """The catalogue, or one sub-flow's part of it with its task, as the text of a module.

    ``dialogue`` is the number of a conversation in ``abcd_sample.json``: those facts of its customer and order that the
    acts ask for become world variables (``email_on_file``).
    """
    files: dict[str, JsonFile] = {}
    for name in ("ontology.json", "kb.json", "guidelines.json", *(["abcd_sample.json"] if dialogue else [])):
        found = read_json(folder / name)
        if isinstance(found, Diagnostic):
            return Imported(None, (found,))
        files[name] = found
    ontology = _ontology(files["ontology.json"].value, files["kb.json"].value)
    if ontology is None:
        message = (
            "the folder's ontology.json and kb.json are not those of ABCD: actions with slots, sub-flows with actions"
        )
        return Imported(None, (diagnose("not-this-data", files["ontology.json"].whole(), message),))
    if subflow is not None and subflow not in ontology.flows:
        return Imported(None, (_no_such("sub-flow", subflow, ontology.flows, files["kb.json"]),))
    wanted = ontology.flows[subflow] if subflow is not None else tuple(ontology.actions)
    guide = _guideline(files["guidelines.json"].value, subflow) if subflow is not None else {}
    tree: dict[str, Tree] = {}
    label = f"the sub-flow {subflow}" if subflow is not None else "the whole catalogue"
    tree["about"] = f"Software actions of a customer service desk, from ABCD: {label}."
    types: dict[str, Tree] = {}
    acts: dict[str, Tree] = {}
    for action in dict.fromkeys(wanted):
        acts[plain(action)] = _act(action, ontology, guide.get(plain(action)), types)
    if types:
        tree["types"] = types
    if dialogue is not None:
        slots = {slot for action in wanted for slot in ontology.actions[action]}
        facts = _facts(files["abcd_sample.json"], dialogue, slots)
        if isinstance(facts, Diagnostic):
            return Imported(None, (facts,))
        tree["world"] = facts
    tree["acts"] = acts
    if subflow is not None:
        tree["tasks"] = {subflow: _task(wanted)}
    words = f" --subflow {subflow}" if subflow is not None else ""
    words += f" --dialogue {dialogue}" if dialogue is not None else ""
    header = [f"Imported with `dramaturg import abcd FOLDER{words}`; import again instead of editing.", *ATTRIBUTION]
    return Imported(document(header, tree))


def _no_such(what: str, name: str, known: Mapping[str, object] | Sequence[str], file: JsonFile) -> Diagnostic:
    names = list(known)
    meant = closest(name, names)
    said = f"; did you mean `{meant}`?" if meant else ""
    listed = ", ".join(f"`{each}`" for each in names)
    message = f"there is no {what} `{name[:60]}` in `{file.source.path}`{said}"
    return diagnose("no-such-part", file.whole(), message, notes=[f"it has {listed}"] if names and not meant else [])


def _ontology(value: Json, flows: Json) -> Ontology | None:
    match value:
        case {"actions": Mapping() as groups, "values": {"enumerable": Mapping() as enumerable}}:
            pass
        case _:
            return None
    actions: dict[str, tuple[str, ...]] = {}
    for group in groups.values():
        if not isinstance(group, Mapping):
            return None
        for action, slots in group.items():
            named = _texts(slots)
            if named is None:
                return None
            actions[action] = named
    values: dict[str, tuple[str, ...]] = {}
    for slot, listed in enumerable.items():
        texts = _texts(listed)
        if not texts:
            return None
        values[slot] = texts
    if not isinstance(flows, Mapping):
        return None
    known: dict[str, tuple[str, ...]] = {}
    for flow, steps in flows.items():
        texts = _texts(steps)
        if not texts or not set(texts) <= set(actions) or not re.fullmatch(r"[a-z][a-z0-9_]*", flow):
            return None
        known[flow] = texts
    return Ontology(actions, values, known)


def _texts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    texts = tuple(item for item in value if isinstance(item, str))
    return texts if len(texts) == len(value) else None


def _guideline(value: Json, subflow: str) -> dict[str, Step]:
    """The steps of a sub-flow by the action that they speak of. Empty where the guidelines do not have it.

    The guidelines call ``return_size`` "Return Due to Size": the title that shares most words with the sub-flow's name is taken.
    """
    wanted = set(subflow.split("_"))
    best: tuple[int, int, Mapping[str, Json]] | None = None
    for flow in value.values() if isinstance(value, Mapping) else ():
        group = flow.get("subflows") if isinstance(flow, Mapping) else None
        for title, body in group.items() if isinstance(group, Mapping) else ():
            words = set(plain(title).split("_"))
            shared = len(wanted & words)
            if isinstance(body, Mapping) and shared and (best is None or (shared, -len(words)) > best[:2]):
                best = (shared, -len(words), body)
    if best is None:
        return {}
    return dict(_steps(best[2]))


def _steps(body: Mapping[str, Json]) -> Iterator[tuple[str, Step]]:
    listed = body.get("actions")
    for item in listed if isinstance(listed, Sequence) else ():
        match item:
            case {"button": str(button), "text": str(text), **rest}:
                more = _texts(rest.get("subtext"))
                name = plain(button)
                whole = " ".join(" ".join((text, *(more or ()))).split())
                yield _BUTTONS.get(name, name), Step(" ".join(text.split()), whole.lower())


def _mentions(step: Step, phrase: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(phrase.lower())}(?![a-z0-9])", step.text) is not None


def _act(action: str, ontology: Ontology, step: Step | None, types: dict[str, Tree]) -> Tree:
    slots = ontology.actions[action]
    used = [slot for slot in slots if step is not None and _spoken_of(slot, step, ontology)] or list(slots)
    either = step is None or _alternatives(used, step)
    fields: dict[str, str | Flow] = {}
    for slot in used:
        values = ontology.values.get(slot)
        optional = "?" if either and len(used) > 1 else ""
        if values is None or all(value[:1].isupper() for value in values):
            fields[slot] = f"text{optional}"
            continue
        kept = [value for value in values if step is not None and _mentions(step, value)]
        before = types.get(slot)
        names = list(before.removeprefix("one of ").split(" | ")) if isinstance(before, str) else []
        names += [plain(value) for value in (kept if len(kept) > 1 else values) if plain(value) not in names]
        types[slot] = "one of " + " | ".join(names)
        fields[slot] = f"{slot}{optional}"
    body: dict[str, Tree] = {"kind": "does"}
    if step is not None:
        body["about"] = _sentence(step.title)
    if fields:
        body["with"] = Flow(fields)
    return body


def _spoken_of(slot: str, step: Step, ontology: Ontology) -> bool:
    """Whether a step's guideline asks for this slot: by name, or by naming at least two of its values."""
    phrases = _SAID.get(slot, (slot.removesuffix("_slotval").replace("_", " "),))
    if not slot.endswith("_slotval") and any(_mentions(step, phrase) for phrase in phrases):
        return True
    return sum(_mentions(step, value) for value in ontology.values.get(slot, ())) > 1


def _alternatives(used: Sequence[str], step: Step) -> bool:
    """Whether the guideline offers these slots as alternatives: it says "or", and lists nothing further below."""
    return (
        len(used) > 1
        and " or " in step.title.lower()
        and all(
            any(phrase in step.title.lower() for phrase in _SAID.get(slot, (slot.replace("_", " "),))) for slot in used
        )
    )


def _sentence(title: str) -> str:
    text = re.sub(r"\[([^\]]*)\]", r"\1", title).split(". ")[0].rstrip(": ")
    return text if text.endswith(".") else text + "."


def _task(actions: Sequence[str]) -> Tree:
    """The actions in order: each leads from the state after the one before; one that never comes leaves it unfinished."""
    states: dict[str, Tree] = {}
    at = "START"
    for number, action in enumerate(actions):
        name = plain(action)
        last = number == len(actions) - 1
        to = "DONE" if last else f"AFTER_{name.upper()}"
        while not last and to in states:
            to += "_AGAIN"
        states[at] = [Flow({"when": f"agent.{name}", "go": to}), Flow({"after": GIVEN_UP, "go": "UNFINISHED"})]
        at = to
    states["DONE"] = Flow({"end": "good"})
    states["UNFINISHED"] = Flow({"end": "bad"})
    return states


def _facts(file: JsonFile, dialogue: str, slots: set[str]) -> dict[str, Tree] | Diagnostic:
    """The customer's and the order's facts as world variables. Names get the capitals that the dialogue gives them."""
    listed = file.value if isinstance(file.value, Sequence) and not isinstance(file.value, str) else ()
    known = {str(item.get("convo_id")): item for item in listed if isinstance(item, Mapping)}
    item = known.get(dialogue)
    if item is None:
        return _no_such("dialogue", dialogue, known, file)
    match item:
        case {"scenario": {"personal": Mapping() as personal, "order": Mapping() as order}, "original": original}:
            pass
        case _:
            return diagnose("not-this-data", file.whole(), f"dialogue `{dialogue}` has no customer, order and turns")
    spoken = " \n ".join(_turns(original))
    out: dict[str, Tree] = {}
    for key, value in (*personal.items(), *order.items()):
        if key not in slots or not isinstance(value, str):
            continue
        text = " ".join(value.split())
        match_said = re.search(re.escape(text), spoken, re.I)
        said = match_said[0] if match_said is not None else text
        literal = said.replace("\\", "\\\\").replace('"', '\\"')
        out[f"{plain(key)}_on_file"] = f'text = "{literal}"'
    return out


def _turns(original: Json) -> Iterator[str]:
    for turn in original if isinstance(original, Sequence) and not isinstance(original, str) else ():
        match turn:
            case [str(), str(text)]:
                yield text


def _run(path: Path, options: Mapping[str, str]) -> Imported:
    return abcd(path, options.get("subflow"), options.get("dialogue"))


IMPORTER = Importer(
    "abcd",
    "ABCD's actions as acts, and a sub-flow as a task",
    "the folder with ontology.json, kb.json and guidelines.json",
    _run,
    (
        Option("subflow", "the sub-flow to import, such as return_size; without it the whole catalogue"),
        Option("dialogue", "the number of a sample dialogue whose facts become world variables"),
    ),
)
