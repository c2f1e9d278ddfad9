"""What people write who know their trade and not this language: one message, on its line, with the repair that is meant or none.

``told`` is part of what the message or its notes say; ``meant`` is the line as it is after every repair that is beyond doubt,
or None where nothing is repaired without being asked.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dramaturg.dsl.load import load
from dramaturg.dsl.messages.repair import Seen, repair

RENEWAL = """\
scenario: renewal
domain: sales
family: renewals
horizon: 9d
turns: 8
uses: [personas/buyers, concerns/offers, {module: triggers/warm, with: {ripe: price < 100 EUR}}]
types:
  topic: one of cost | rivals
world:
  price: money(EUR) 0 EUR..300 EUR step 20 EUR = 200 EUR
  usage: percent 0%..100% step 25% = 50%
  open: yes/no = yes
events:
  term.ends: {}
  ticket.closed: {}
stream:
  - {at: 2d, chance: 50%, emit: ticket.closed, set: {open: no}}
  - {every: 7d, emit: term.ends, set: {price: price - 20 EUR, usage: 75%}}
agent:
  wakes: [user, term.ends, ticket.closed]
  acts:
    ask: {kind: says, with: {topic: topic}}
    offer: {kind: says, proactive: yes, with: {price: money(EUR) 0 EUR..300 EUR step 20 EUR}}
    send: {kind: does}
    keep_silent: {kind: silent}
user:
  persona: buyer
  moves: {call: {}, object: {about: topic}, take: {}, refuse: {}, want: {price: money(EUR) 0 EUR..300 EUR step 20 EUR}}
  opens: {do: call}
  stance:
    mood: int 0..4 = 3
  feels:
    - {to: agent.ask, set: {mood: mood - 1}}
  replies:
    - {to: agent.offer, if: user.resistance <= 2 and mood > 0 and usage > 50%, do: take}
    - {to: agent.offer(price > 240 EUR), do: refuse}
words:
  user.call: ["{{ persona.greeting }}, it is about the contract."]
  user.object: ["{% if about == 'cost' %}It is the money.{% else %}There are others.{% endif %}"]
  user.take: [All right.]
  user.refuse: ["{{ persona.greeting }}!"]
tasks:
  deal:
    OPEN:
      regions:
        price:
          WANTED: [{when: agent.offer, go: OFFERED}]
          OFFERED: [{when: user.take, go: AGREED}]
          AGREED: {end: done}
        talk:
          UNHEARD: [{when: user.object, go: HEARD}]
          HEARD: {end: done}
      do:
        - {when: done, if: persona.hurried or persona.style is blunt, go: SIGNED, first: yes}
        - {when: done, if: not open, go: SIGNED}
        - {when: user.refuse, go: LOST}
    SIGNED: {end: good}
    LOST: {end: bad}
shifts:
  cheaper: {when: agent.offer, as: user.want(price == 80 EUR), says: Make it 80.}
  as_before: {when: agent.offer, as: user.want(price == 100 EUR), says: 100 then., undoes: cheaper}
  at_last: {when: agent.ask, as: user.want(price == 60 EUR), says: Or 60., after: [cheaper, as_before]}
triggers:
  due:
    when: term.ends
    within: 2 turns
    expect: agent.offer
    otherwise: agent.keep_silent
rules:
  calm: never (agent.offer and not once agent.ask)
check:
  can: winnable task.deal is SIGNED
  told: term.ends leads to agent.offer or task.deal is SIGNED | LOST within 9d
"""

BUYERS = """\
personas:
  buyer:
    background:
      clinic: {text: Three dentists., likely: 40%}
      school: A small school.
    traits:
      greeting: text = Hello
      style: one of blunt | chatty
      hurried: yes/no
      seats: {type: int 50..200 step 50, likely: {50: 40%, 100..200: 60%}}
    constraints:
      - background is school implies seats <= 100
      - hurried implies concern.dear is not absent
    concerns: {draw: 1..2, from: [dear, rival]}
"""

OFFERS = """\
concerns:
  dear: {story: A cut., says: "It is dear.", surfaces: agent.ask(topic == cost), as: user.object(about == cost), eased: agent.offer}
  rival:
    story: A rival.
    says: "There is another offer."
    needs: [dear]
    surfaces: agent.ask(topic == rivals) and mood >= 2
    as: user.object(about == rivals)
    eased: agent.offer(price <= 100 EUR)
"""

WARM = """\
needs: {ripe: condition}
triggers:
  warm:
    when: ripe
    within: 1 turn
    expect: agent.offer
"""

FILES = {"renewal": RENEWAL, "personas/buyers": BUYERS, "concerns/offers": OFFERS, "triggers/warm": WARM}


def written(folder: Path, right: str = "", wrong: str = "") -> dict[str, str]:
    """The files below the folder, with what is wrong in place of what is right, and their texts."""
    texts = {}
    for name, text in FILES.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        texts[name] = text.replace(right, wrong, 1) if right else text
        path.write_text(texts[name])
    return texts


def test_nothing_is_said_of_what_is_right(tmp_path: Path) -> None:
    written(tmp_path)
    assert [it.message for it in load(tmp_path / "renewal.yaml", tmp_path).diagnostics if it.severity != "note"] == []


AS_RIGHT = "as it was"
"""The repair gives back what was right."""


@pytest.mark.parametrize(
    ("right", "wrong", "told", "meant"),
    [
        ("persona: buyer", "persona: Buyer # of Buyer", "did you mean `buyer`?", "persona: buyer # of Buyer"),
        ("if: not open", "if: not open and HEARD", "is a state", "if: not open and task.deal is HEARD"),
        ("percent 0%..100% step 25% = 50%", "percent 0..100 step 25 = 50", "`0` has no unit", AS_RIGHT),
        ("percent 0%..100% step 25% = 50%", "percent 0..100% step 25% = 50%", "`0` has no unit", AS_RIGHT),
        ("0 EUR..300 EUR step 20 EUR = 200 EUR", "0..300 step 20 = 200", "`0` has no unit", AS_RIGHT),
        ("chance: 50%", "chance: 0.5", "such as `50%`", AS_RIGHT),
        ("usage > 50%", "usage > 50", "`50` has no unit", AS_RIGHT),
        ("mood: int 0..4", "mood: 0..4", "a type comes first, such as `int`", AS_RIGHT),
        ("usage: percent 0%", "usage: 0%", "a type comes first, such as `percent`", AS_RIGHT),
        ("style: one of blunt", "style: blunt", "choices begin with `one of`", AS_RIGHT),
        ("hurried: yes/no", "hurried: true/false", "is written `yes/no`", AS_RIGHT),
        ("hurried: yes/no", "hurried: yes | no", "is written `yes/no`", AS_RIGHT),
        ("hurried: yes/no", "hurried: [yes, no]", "a list is given", AS_RIGHT),
        ("hurried: yes/no", "hurried: date", "there is no calendar", None),
        ("{mood: mood - 1}", "{mood: -1}", "not by how much it changes: write `mood - 1`", AS_RIGHT),
        ("{mood: mood - 1}", "{mood: +1}", "write `mood + 1`", "{mood: mood + 1}"),
        ("{price: price - 20 EUR, usage", "{price: -20 EUR, usage", "write `price - 20 EUR`", AS_RIGHT),
        ("{mood: mood - 1}", "mood -= 1", "a text is given", AS_RIGHT),
        ("{mood: mood - 1}", "mood = mood - 1", "a text is given", AS_RIGHT),
        ("{mood: mood - 1}", "{mood -= 1}", "behind a colon, `mood: mood - 1`", AS_RIGHT),
        ("    within: 2 turns", "    until: 2d", "stands behind `within`", "    within: 2d"),
        ("when: user.take, go", "when: 2d, go", "stands behind `after`", "after: 2d, go"),
        ("when: user.take, go: AGREED", "when: user.take -> AGREED", "stands behind `go`", AS_RIGHT),
        ("if: not open", "if: not ticket.closed for 3d", "in last 3d", "if: not ticket.closed in last 3d"),
        ("within 9d", "in 9d", "is written `within", AS_RIGHT),
        ("when: ripe", "when: {{ ripe }}", "only in texts", AS_RIGHT),
        ("when: ripe", 'when: "{{ ripe }}"', "only in texts", 'when: "ripe"'),
        ('["{{ persona.greeting }}!"]', "[{{ persona.greeting }}!]", "must stand in quotes", AS_RIGHT),
        ("seats <= 100", "school has seats <= 100", "is written `seats in school`", None),
        ("when: agent.offer, go: OFFERED", "on: agent.offer, go: OFFERED", "did you mean `when`?", AS_RIGHT),
        ("when: agent.offer, go: OFFERED", "when: agent.offer, goto: OFFERED", "did you mean `go`?", AS_RIGHT),
        ("when: agent.offer, go: OFFERED", "when: agent.offer, to: OFFERED", "did you mean `go`?", AS_RIGHT),
        ("needs: [dear]", "requires: [dear]", "did you mean `needs`?", AS_RIGHT),
        ("needs: [dear]", "requires: dear", "did you mean `needs`?", "needs: dear"),
        ("undoes: cheaper", "undo: cheaper", "did you mean `undoes`?", AS_RIGHT),
        ("at: 2d", "after: 2d", "did you mean `at`?", AS_RIGHT),
        ("dentists., likely: 40%", "dentists., probability: 40%", "did you mean `likely`?", AS_RIGHT),
        ("send: {kind: does}", "send: {kind: do}", "did you mean `does`?", AS_RIGHT),
        ("LOST: {end: bad}", "LOST: {end: failed}", "did you mean `bad`?", AS_RIGHT),
        ("LOST: {end: bad}", "LOST: bad", "a text is given", AS_RIGHT),
        ("LOST: {end: bad}", "LOST: end bad", "a text is given", AS_RIGHT),
        ("  calm: never", "  - calm: never", "a list is given", AS_RIGHT),
        ("{draw: 1..2, from: [dear, rival]}", "[dear, rival]", "a list is given", "{from: [dear, rival]}"),
        ("draw: 1..2", "draw: 1-2", "such as `1..2`", AS_RIGHT),
        ("draw: 1..2", "draw: 1 to 2", "such as `1..2`", AS_RIGHT),
        ("100..200: 60%", "100-200: 60%", "a range is written `100..200`", AS_RIGHT),
        ("concern.dear is not absent", "concern.dear is present", "write `concern.dear is not absent`", AS_RIGHT),
        ("about == 'cost'", "about == cost", "a choice stands in quotes", AS_RIGHT),
        ("as: user.want(price == 80 EUR)", "as: user.want(80 EUR)", "fixes its fields with `==`", AS_RIGHT),
        ("surfaces: agent.ask(topic == rivals)", "surfaces: agent.ask(rivals)", "mean `topic == rivals`?", AS_RIGHT),
        ("turns: 8", "turns: 8 turns", "a number stands here alone", AS_RIGHT),
        ("within: 2 turns", "within: two turns", "is written `2 turns`", AS_RIGHT),
        ("every: 7d", "every: week", "a gap is written", "every: 1w"),
        ("text = Hello", "Good morning", "`text = Good morning`", None),
        ("not once agent.ask", "not once agent.ask in last 2d", "is written", "not agent.ask in last 2d"),
        ("after: [cheaper, as_before]", "after: cheaper and as_before", "as a list, `[cheaper,", AS_RIGHT),
        ("{when: agent.offer, go: OFFERED}", "{agent.offer: OFFERED}", "stands behind `when`", AS_RIGHT),
        ("- {when: user.refuse, go: LOST}", "- user.refuse: LOST", "stands behind `when`", AS_RIGHT),
        ("after: [cheaper, as_before]", "after: [cheaper, before]", "did you mean `as_before`?", None),
        ("mood: int 0..4 = 3", "mood: 3", "a type comes first, and a start behind `=`", None),
        ("mood: int 0..4 = 3", "mood: int 0-4 = 3", "a range is written `lo..hi`", AS_RIGHT),
        ("mood: int 0..4 = 3", "mood: int 0 to 4 = 3", "a range is written `lo..hi`", AS_RIGHT),
        ("at: 2d", "at: 2026-03-01", "a story has no calendar", None),
    ],
)
def test_it_is_told_once_where_it_is_and_repaired_as_it_was_meant(
    tmp_path: Path, right: str, wrong: str, told: str, meant: str | None
) -> None:
    (name,) = [name for name, text in FILES.items() if right in text]
    line = FILES[name][: FILES[name].index(right)].count("\n") + 1
    before = written(tmp_path, right, wrong)[name]
    path = tmp_path / "renewal.yaml"
    (found,) = [it for it in load(path, tmp_path).diagnostics if it.severity != "note"]
    assert (Path(found.span.path).stem, found.span.line) == (Path(name).stem, line)
    assert told in " ".join((found.message, *found.notes))
    result = repair(lambda unsaved: Seen(load(path, tmp_path, unsaved).diagnostics, tmp_path))
    texts = {it.stem: data.decode() for it, data in result.files.items()}
    after = texts.get(Path(name).stem, before)
    wanted = before if meant is None else FILES[name] if meant is AS_RIGHT else FILES[name].replace(right, meant, 1)
    assert after == wanted


def test_a_name_below_a_list_item_is_told_how_names_are_written(tmp_path: Path) -> None:
    written(tmp_path, "rules:\n", "rules:\n  - never push\n")
    (found,) = load(tmp_path / "renewal.yaml", tmp_path).diagnostics
    assert (found.name, found.notes) == (
        "bad-indentation",
        ("where every line has a name, as under `rules`, none has a dash: `name: value`",),
    )
