"""The file format, said once: which keys each section has, what each value is, and which of them must be there.

The loader holds every file against these shapes (``fit``), and the JSON Schema of a scenario file is printed from them
(``jsonschema``), so an editor and the compiler cannot disagree. A shape says nothing about names or types: ``when`` is a
line of text here, and a guard to whoever elaborates it.

Two kinds of file have a shape. A *scenario* (``SCENARIO``) has the key ``scenario``. A *module* (``MODULE``) is brought in with
``uses`` and holds any of the sections that a scenario can share; under ``needs`` it says what it has to be given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

_MORE = r"[^\u0000-/:-@\[-\u005e`{-\u00a9]"
"""ASCII letters, digits and ``_``, and whatever lies beyond ASCII: what of that is a letter, ``fit`` asks ``spelling``."""
NAME = rf"[^\u0000-`{{-\u00a9]{_MORE}*"
EVENT = rf"{NAME}(\.{NAME})*"
STATE = r"[^\u0000-@\[-\u00a9][^\u0000-/:-@\[-\u005e`-\u00a9]*"
SLUG = r"[^\u0000-/:-@\[-`{-\u00a9][^\u0000-,./:-@\[-\u005e`{-\u00a9]{0,79}"
"""Names that become names of files."""

VIEWS = {
    "public": "everyone sees it",
    "agent": "the agent sees it",
    "world": "nobody on stage sees it",
    "user": "only the person simulated sees it",
    "teacher": "for training only",
    "judge": "for grading only",
}
"""Who may see something, each as a person is told it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One scalar."""

    reads: str
    """What the text is read as: a key of ``READINGS``."""
    choices: tuple[str, ...] = ()
    """The only texts allowed, where there are few."""
    meanings: tuple[str, ...] = ()
    """What each of them means."""


@dataclass(frozen=True, slots=True)
class Each:
    """A list whose items all have one shape."""

    item: Shape
    what: str
    """One item, with its article: "a stream entry"."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a record."""

    name: str
    shape: Shape
    about: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A map with known keys; ``rest`` allows further entries, whose keys the author makes up."""

    what: str
    """The thing described, with its article: "a trigger"."""
    keys: tuple[Key, ...] = ()
    rest: Names | None = None
    near: bool = False
    """Whether a further entry whose key is almost a known one is taken for a misspelling of it."""
    table: Mapping[str, Key] = field(init=False, compare=False, repr=False, default_factory=dict)
    """The known keys by name."""
    required: tuple[str, ...] = field(init=False, compare=False, repr=False, default=())
    guarded: bool = field(init=False, compare=False, repr=False, default=False)
    """Whether a further entry may have to be told from a known key misspelt."""
    demanding: bool = field(init=False, compare=False, repr=False, default=False)
    """Whether a key is required here or anywhere below."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", {key.name: key for key in self.keys})
        object.__setattr__(self, "required", tuple(key.name for key in self.keys if key.required))
        chosen = any(isinstance(key.shape, Line) and key.shape.choices for key in self.keys)
        object.__setattr__(self, "guarded", self.near or chosen)
        below = [*(key.shape for key in self.keys), *([] if self.rest is None else [self.rest])]
        object.__setattr__(self, "demanding", bool(self.required) or any(map(demands, below)))

    def key(self, name: str) -> Key | None:
        return self.table.get(name)


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """A map whose keys are names made up by the author. Compared by identity, because a shape may hold itself by way of one."""

    value: Shape
    what: str
    """One entry, with its article: "a move"."""
    pattern: str = NAME
    empty: bool = False
    """Whether an entry may be left empty (``accept:`` as much as ``accept: {}``)."""
    mentioned: bool = True
    """Whether expressions can speak of the names, so that they may not be words of the language."""
    fits: Callable[[str], object] = field(init=False, compare=False, repr=False, default=str)
    """Whether a text matches the pattern."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "fits", re.compile(self.pattern).fullmatch)


@dataclass(frozen=True, slots=True)
class Forms:
    """A value that may be written in several ways, told apart by being a text, a list or a map."""

    line: Line | None = None
    list: Each | None = None
    map: Record | Names | None = None


Shape: TypeAlias = Line | Each | Record | Names | Forms


def demands(shape: Shape) -> bool:
    """Whether a key is required anywhere in the shape."""
    match shape:
        case Record():
            return shape.demanding
        case Names():
            return demands(shape.value)
        case Each():
            return demands(shape.item)
        case Forms():
            return any(it is not None and demands(it) for it in (shape.list, shape.map))
        case Line():
            return False
    raise AssertionError(f"unknown shape {shape!r}")


READINGS: dict[str, tuple[str, str]] = {
    # reading: what it is, an example
    "text": ("a text", "I really have to be there by eleven."),
    "template": ("a text, with names in double braces", "A seat now costs {{ to | money }}."),
    "name": ("a name", "commuter"),
    "concern": ("the name of a concern", "too_dear"),
    "shift": ("the name of a shift", "cheaper"),
    "slug": ("a name of letters, digits and hyphens", "delayed-train"),
    "path": ("a module", "personas/commuters"),
    "need": ("a type or a kind of thing, perhaps with a default", "money(EUR) = 80 EUR"),
    "argument": ("what is given for it", "agent.follow_up"),
    "type": ("a type", "one of cost | effort"),
    "declaration": ("a declaration: TYPE [RANGE] [step Q] [= START]", "duration 0m..6h step 5m = 0m"),
    "constant": ("a constant", "cost"),
    "guard": ("a condition", "fare <= max_price and delay >= 20m"),
    "pattern": ("an event with conditions on its fields", "agent.follow_up(price <= max_price)"),
    "check": ("a statement about all runs", "task.trip is IN_PROGRESS leads to task.trip is COMPLETED"),
    "norm": ("a norm: `never …` or `always …`", "never agent.propose for 2m"),
    "value": ("a value", "delay + by"),
    "duration": ("a duration", "30m"),
    "wait": ("a duration or a number of turns", "3 turns"),
    "turns": ("a number of turns", "3 turns"),
    "gap": ("a duration, with its spread", "10m +- 5m"),
    "chance": ("a percentage", "40%"),
    "whole": ("a whole number", "16"),
    "yes/no": ("yes or no", "yes"),
    "event": ("the name of an event", "fare.changed"),
    "state": ("the name of a state", "COMPLETED"),
    "choice": ("one of a few words", "says"),
    "limit": ("how many acts a turn may hold", "up to 3 acts"),
    "share": ("how often: a percentage, or a number that is held against the others", "30%"),
    "count": ("how many, or from how many to how many", "1..2"),
}

TEXT, NAMED, GUARD, VALUE = Line("text"), Line("name"), Line("guard"), Line("value")
DURATION, CHANCE, WHOLE, YES = Line("duration"), Line("chance"), Line("whole"), Line("yes/no")
PATTERN, EVENT_NAME = Line("pattern"), Line("event")


def choice(**words: str) -> Line:
    """One of a few words, each with what it means."""
    return Line("choice", tuple(words), tuple(words.values()))


SETS = Names(VALUE, "an assignment", pattern=NAME)
WITH = Names(VALUE, "an argument")

FIELD = Forms(
    line=Line("declaration"),
    map=Record(
        "a field",
        (
            Key("type", Line("declaration"), "the declaration line", required=True),
            Key("view", choice(**VIEWS), "who may see it"),
        ),
    ),
)
FIELDS = Names(FIELD, "a field", empty=False)

MOVE_BODY = Record("a move", (Key("view", choice(**VIEWS), "who may see it"),), rest=FIELDS)
EVENT_BODY = Record("an event", (Key("view", choice(**VIEWS), "who may see it"),), rest=FIELDS)
MOVES = Names(MOVE_BODY, "a move", empty=True)
EVENTS = Names(EVENT_BODY, "an event", pattern=EVENT, empty=True)

VARIABLE = Forms(
    line=Line("declaration"),
    map=Record(
        "a variable",
        (
            Key("type", Line("declaration"), "the declaration line", required=True),
            Key("view", choice(**VIEWS), "who may see it"),
        ),
    ),
)
PARAMETERS = Names(VARIABLE, "a parameter")
WORLD = Names(VARIABLE, "a world variable")
TYPES = Names(Line("type"), "a type")

STREAM_ENTRY = Record(
    "a stream entry",
    (
        Key("every", Line("gap"), "again and again, after gaps of this length"),
        Key("at", DURATION, "once, this long after the start"),
        Key("when", GUARD, "each time this happens or becomes true"),
        Key("play", NAMED, "the rows of this recording, at their own offsets"),
        Key("if", GUARD, "only if this holds"),
        Key("chance", CHANCE, "with this probability"),
        Key("emit", EVENT_NAME, "the event that happens"),
        Key("with", WITH, "the fields of the event"),
        Key("set", SETS, "world variables that change"),
    ),
)

ACT = Record(
    "an act",
    (
        Key(
            "kind",
            choice(says="speech", does="a deed that nobody hears", silent="silence"),
            "speech, a silent deed, or silence",
            required=True,
        ),
        Key("with", FIELDS, "its arguments"),
        Key("proactive", YES, "whether it is an initiative of the agent"),
        Key("returns", Each(NAMED, "a name"), "world variables whose values its result carries"),
        Key("takes", DURATION, "how long it takes"),
        Key("staged", YES, "whether it may be drafted before it is ready"),
        Key("about", TEXT, "what it is, in a sentence for the agent"),
    ),
)
ACTS = Names(ACT, "an act")

AGENT = Record(
    "the agent",
    (
        Key("role", TEXT, "who the agent is, in a sentence for the agent"),
        Key("opens", YES, "whether the agent has the first turn"),
        Key("wakes", Each(EVENT_NAME, "a wake-up"), "what gives the agent a turn"),
        Key("per_turn", Line("limit"), "how many acts one turn may hold"),
        Key("acts", ACTS, "what the agent may do"),
    ),
)

MOVE = Record(
    "a move",
    (
        Key("do", NAMED, "the move, or nothing", required=True),
        Key("with", WITH, "its arguments"),
    ),
)
REPLY = Record(
    "a reply",
    (
        Key("to", PATTERN, "what is replied to", required=True),
        Key("if", GUARD, "only if this holds"),
        Key("chance", CHANCE, "with this probability; else the next line is tried"),
        Key("do", NAMED, "the move, or nothing", required=True),
        Key("with", WITH, "its arguments"),
    ),
)
FEEL = Record(
    "a feeling",
    (
        Key("to", PATTERN, "the event that moves the stance"),
        Key("when", GUARD, "the event that moves the stance, as a condition"),
        Key("if", GUARD, "only if this holds"),
        Key("set", SETS, "stance variables that change", required=True),
    ),
)

SHARES = Names(Line("share"), "a value, or a range of values", pattern=r".+", mentioned=False)
TRAIT = Forms(
    line=Line("declaration"),
    map=Record(
        "a trait",
        (
            Key("type", Line("declaration"), "the declaration line", required=True),
            Key("likely", SHARES, "how often which values: percentages, or numbers held against each other"),
        ),
    ),
)
BACKGROUND = Forms(
    line=TEXT,
    map=Record(
        "a background",
        (
            Key("text", TEXT, "who this is", required=True),
            Key("likely", CHANCE, "how often"),
        ),
    ),
)
CONCERN_NAMES = Forms(line=Line("concern"), list=Each(Line("concern"), "a concern"))
SHIFT_NAMES = Forms(line=Line("shift"), list=Each(Line("shift"), "a shift"))
POSSIBLE = Record(
    "the concerns of a persona",
    (
        Key("draw", Line("count"), "how many of them one person has; any number where it is left out"),
        Key("from", CONCERN_NAMES, "the concerns that these people may have", required=True),
    ),
)
MANNERS = (
    Key("needs", TEXT, "what this person wants, for whoever words the moves"),
    Key("moves", MOVES, "what this person may do"),
    Key("opens", MOVE, "the first move"),
    Key("replies", Each(REPLY, "a reply"), "the first line that holds makes the one move"),
    Key("stance", Names(VARIABLE, "a stance variable"), "bounded moods, hidden from the agent"),
    Key("feels", Each(FEEL, "a feeling"), "how events move the stance"),
)
"""What a person does. It may stand in her persona, where several scenarios share it."""

PERSONA = Record(
    "a persona",
    (
        Key(
            "background",
            Forms(line=TEXT, map=Names(BACKGROUND, "a background")),
            "who this is, for whoever words the moves; or several to draw from",
        ),
        Key("traits", Names(TRAIT, "a trait"), "declarations; without a start they vary from episode to episode"),
        Key("constraints", Each(GUARD, "a constraint"), "what holds between traits in every such person"),
        Key("concerns", POSSIBLE, "which concerns one such person has"),
        *MANNERS,
    ),
)
PERSONAS = Names(PERSONA, "a persona", empty=True)

PERSON = Record(
    "a person",
    (
        Key(
            "role",
            choice(user="the one whom the agent serves", colleague="somebody else who takes part"),
            "the one whom the agent serves is the user",
        ),
        Key("persona", Forms(line=NAMED, map=PERSONA), "the name of a persona"),
        *MANNERS,
    ),
)

CONCERN = Record(
    "a concern",
    (
        Key("of", NAMED, "whose concern it is, where the cast has several people"),
        Key("story", TEXT, "the hidden reason; never becomes public", required=True),
        Key("says", TEXT, "what is said when it surfaces", required=True),
        Key("weight", WHOLE, "how much it adds to the person's resistance"),
        Key("surfaces", GUARD, "when it is voiced"),
        Key("as", PATTERN, "the move that voices it"),
        Key("with", WITH, "the arguments of that move"),
        Key("eased", GUARD, "when it is settled"),
        Key("hardens", GUARD, "when it is past settling"),
        Key("lasts", Line("turns"), "agent turns after which a voiced concern is hidden again"),
        Key("likely", CHANCE, "how many people have it, where not all do"),
        Key(
            "needs",
            CONCERN_NAMES,
            "concerns that must be out before this one is, and without which nobody has it",
        ),
        Key("excludes", CONCERN_NAMES, "concerns that nobody has beside this one"),
    ),
    rest=Names(Line("constant"), "a constant of the concern"),
    near=True,
)
CONCERNS = Names(CONCERN, "a concern", empty=True)

ACTION = Record(
    "what entering or leaving a state does",
    (
        Key("set", SETS, "slots and world variables that change"),
        Key("emit", EVENT_NAME, "the event of the environment that happens"),
        Key("with", WITH, "the fields of the event"),
    ),
)
TRANSITION = Record(
    "a transition",
    (
        Key("when", GUARD, "the event, or the condition that becomes true; `done` where the machine inside has ended"),
        Key("after", DURATION, "this long in the state"),
        Key("if", GUARD, "only if this holds"),
        Key("chance", CHANCE, "with this probability"),
        Key("go", Line("state"), "the state it leads to"),
        Key("set", SETS, "slots and world variables that change"),
        Key("emit", EVENT_NAME, "the event of the environment that happens"),
        Key("with", WITH, "the fields of the event"),
        Key("first", YES, "whether it may overlap with later lines and comes first"),
    ),
)
TRANSITIONS = Each(TRANSITION, "a transition")
STATES = Names(TRANSITIONS, "a state", pattern=STATE, empty=True)
STATE_BODY = Forms(
    list=TRANSITIONS,
    map=Record(
        "a state",
        (
            Key("do", TRANSITIONS, "its transitions"),
            Key(
                "end",
                choice(
                    good="the task ends, and well",
                    bad="the task ends, and badly",
                    done="the machine around it ends",
                ),
                "reaching it ends the task; or, `done`, the machine around it",
            ),
            Key(
                "if_over",
                choice(
                    quiet="good if the agent missed no opportunity and invented none",
                    good="good in any case",
                ),
                "what it is worth to stop here; bad where nothing is said",
            ),
            Key("states", STATES, "a machine inside it; the first state is where it starts"),
            Key("regions", Names(STATES, "a region"), "machines inside it, side by side"),
            Key(
                "history",
                choice(shallow="in the state directly inside", deep="in the innermost state"),
                "entering it again resumes where it was left",
            ),
            Key("on_entry", ACTION, "what happens whenever it is entered"),
            Key("on_exit", ACTION, "what happens whenever it is left"),
        ),
    ),
)
# The one shape that holds itself: a state may have states inside. (Whoever prints all shapes refers to it by name.)
object.__setattr__(STATES, "value", STATE_BODY)
TASK = Record(
    "a task",
    (Key("slots", Names(VARIABLE, "a slot"), "variables of the task"),),
    rest=STATES,
)
TASKS = Names(TASK, "a task")

TRIGGER = Record(
    "a trigger",
    (
        Key("when", GUARD, "what opens the window", required=True),
        Key("until", GUARD, "what closes it"),
        Key("within", Line("wait"), "how long it stays open at most"),
        Key("expect", PATTERN, "the act that is due in the window", required=True),
        Key("otherwise", PATTERN, "the act that is right while no window is open"),
        Key("allow", PATTERN, "an act that is tolerated"),
        Key("again", YES, "whether it may open again"),
        Key(
            "labels",
            choice(recorded="whether help was wanted is data from a recording"),
            "whether the truth of the window is data",
        ),
    ),
)
TRIGGERS = Names(TRIGGER, "a trigger")

SHIFT = Record(
    "a shift",
    (
        Key("of", NAMED, "whose intent moves, where the cast has several people"),
        Key("when", GUARD, "when the intent may move", required=True),
        Key("chance", CHANCE, "with this probability"),
        Key("times", WHOLE, "how often at most"),
        Key("after", SHIFT_NAMES, "shifts that must have happened before"),
        Key("undoes", SHIFT_NAMES, "shifts that it takes back; only while they stand"),
        Key("instead_of", SHIFT_NAMES, "shifts that it contradicts; they no longer stand once it is told"),
        Key("as", PATTERN, "the move that tells it", required=True),
        Key("with", WITH, "the arguments of that move"),
        Key("says", TEXT, "how it is said"),
    ),
)
SHIFTS = Names(SHIFT, "a shift")

WORDING = Line("template")
WORDS = Names(Forms(line=WORDING, list=Each(WORDING, "a wording")), "wordings", pattern=EVENT)
RULES = Names(Line("norm"), "a rule", mentioned=False)
CHECKS = Names(Line("check"), "a check", mentioned=False)

RECORDING = Record(
    "a recording",
    (
        Key("source", TEXT, "where it comes from"),
        Key("fields", FIELDS, "the columns", required=True),
        Key(
            "rows",
            Each(
                Record(
                    "a row",
                    (Key("at", DURATION, "offset from the start", required=True),),
                    rest=Names(Line("constant"), "a field of the row"),
                ),
                "a row",
            ),
            "what happened, in order of time",
            required=True,
        ),
    ),
)
RECORDINGS = Names(RECORDING, "a recording")

USE = Record(
    "a use of a module",
    (
        Key("module", Line("path"), "the module", required=True),
        Key("with", Names(Line("argument"), "an argument of a module"), "what it needs, each by its name"),
        Key("as", NAMED, "a name for this use, so that the module can be used twice"),
    ),
)
USES = Key(
    "uses",
    Each(Forms(line=Line("path"), map=USE), "a module"),
    "modules whose declarations are brought in",
)
NEEDS = Names(Line("need"), "a parameter of the module")
SHARED = (
    Key("types", TYPES, "named types"),
    Key("parameters", PARAMETERS, "what varies from episode to episode"),
    Key("world", WORLD, "what is true of the world"),
    Key("events", EVENTS, "what may happen in the world"),
    Key("personas", PERSONAS, "who people are"),
    Key("concerns", CONCERNS, "hidden reasons"),
    Key("tasks", TASKS, "what the agent is to get done, as state machines"),
    Key("triggers", TRIGGERS, "opportunities: when to act, by when, and what counts"),
    Key("words", WORDS, "how a move is worded when no model words it"),
    Key("rules", RULES, "norms on the agent"),
    Key("recordings", RECORDINGS, "recorded traces that the stream can play"),
    Key("stream", Each(STREAM_ENTRY, "a stream entry"), "how the environment behaves"),
    Key("shifts", SHIFTS, "how the user's intent moves"),
    Key("check", CHECKS, "theorems about the scenario"),
)

SCENARIO = Record(
    "a scenario",
    (
        Key("scenario", Line("slug"), "the name of the scenario", required=True),
        Key("about", TEXT, "what it is about, in a sentence or two"),
        Key("domain", Line("slug"), "the domain it belongs to", required=True),
        Key("family", Line("slug"), "benchmark splits never separate a family", required=True),
        Key("horizon", DURATION, "virtual time at most", required=True),
        Key("turns", WHOLE, "agent turns at most, silence included", required=True),
        Key("pace", DURATION, "what a spoken move takes"),
        Key("sample", WHOLE, "how many of all possible persons are drawn, where there are too many to take each"),
        USES,
        *SHARED,
        Key("agent", AGENT, "what the agent may do and what wakes it", required=True),
        Key("user", PERSON, "the person whom the agent serves"),
        Key("cast", Names(PERSON, "a person"), "the people who talk, where there are several"),
    ),
)

MODULE = Record(
    "a module",
    (
        Key("about", TEXT, "what it is about"),
        Key("needs", NEEDS, "what whoever uses the module has to give it: a type or a kind each"),
        USES,
        Key("acts", ACTS, "what an agent may do"),
        *SHARED,
    ),
)


def records(shape: Shape, seen: set[int] | None = None) -> Iterator[Record]:
    """Every record that a shape is or holds, each once."""
    seen = set() if seen is None else seen
    if id(shape) in seen:
        return
    seen.add(id(shape))
    match shape:
        case Record():
            yield shape
            for inner in (*(key.shape for key in shape.keys), *([] if shape.rest is None else [shape.rest])):
                yield from records(inner, seen)
        case Names():
            yield from records(shape.value, seen)
        case Each():
            yield from records(shape.item, seen)
        case Forms():
            for form in (shape.list, shape.map):
                if form is not None:
                    yield from records(form, seen)


KEY_NAMES = frozenset(key.name for shape in (SCENARIO, MODULE) for record in records(shape) for key in record.keys)
"""The keys of the format, which are nobody's names."""

ELSEWHERE = {
    "on": ("when", "to"),
    "event": ("when", "emit"),
    "goto": ("go",),
    "target": ("go",),
    "next": ("go",),
    "to": ("go",),
    "then": ("go", "do"),
    "say": ("says",),
    "text": ("says",),
    "message": ("says",),
    "condition": ("if",),
    "guard": ("if",),
    "probability": ("likely", "chance"),
    "prob": ("likely", "chance"),
    "likelihood": ("likely", "chance"),
    "requires": ("needs",),
    "depends_on": ("needs",),
    "replaces": ("instead_of",),
    "overrides": ("instead_of",),
    "undo": ("undoes",),
    "reverts": ("undoes",),
    "args": ("with",),
    "arguments": ("with",),
    "parameters": ("with",),
    "params": ("with",),
    "timeout": ("after", "within"),
    "deadline": ("within", "after"),
    "after": ("at",),
    "repeat": ("again",),
    "count": ("draw",),
    "pick": ("draw",),
    "description": ("about",),
    "desc": ("about",),
    "actions": ("acts",),
    "type": ("kind",),
    "assign": ("set",),
    "update": ("set",),
    "expects": ("expect",),
}
"""What others call our keys; the first that a thing has, and that is free, is meant."""

MEANT = {"do": "does", "say": "says", "tool": "does", "action": "does", "speech": "says"} | {
    "success": "good", "won": "good", "ok": "good", "failure": "bad", "failed": "bad", "fail": "bad", "lost": "bad",
}  # fmt: skip
"""What others call our choices."""
