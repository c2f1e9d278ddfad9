"""What a scenario leaves lying in its modules is looked at all the same: a mistake there is told at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dramaturg.dsl.load import load
from tests.checkout import ROOT

SCENARIOS = Path(os.path.abspath(ROOT / "scenarios"))

MERCHANT, RETURN = "sales/merchant-recruitment", "support/return-item"
STORY = "    story: Asks if the caller is an AI robot\n"
MEMBER = "      - {when: agent.membership, go: AFTER_MEMBERSHIP}\n"

LEFT = {
    # what: (scenario, module, old, new)
    "amount in a concern that nobody chose": (MERCHANT, "concerns/sead", "lasts: 3 turns", "lasts: -3 turns"),
    "key of a concern that nobody chose": (MERCHANT, "concerns/sead", STORY, ""),
    "word for a number there": (MERCHANT, "concerns/sead", "lasts: 3 turns", "lasts: a while"),
    "state in a line declared anew": (RETURN, "catalogues/abcd", MEMBER, MEMBER.replace("SHIP}", "SHP}")),
    "state in small letters in a line declared anew": (RETURN, "catalogues/abcd", MEMBER, MEMBER.replace("AFT", "aFT")),
    "wait in a line declared anew": (
        RETURN,
        "catalogues/abcd",
        MEMBER + "      - {after: 10m",
        MEMBER + "      - {after: ten",
    ),
}


@pytest.mark.parametrize("what", LEFT)
def test_what_is_left_lying_is_looked_at(what: str) -> None:
    scenario, module, old, new = LEFT[what]
    path = SCENARIOS / f"{module}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    main = SCENARIOS / f"{scenario}.yaml"
    assert load(main, SCENARIOS).diagnostics == ()
    (said,) = load(main, SCENARIOS, {path: text.replace(old, new, 1).encode()}).diagnostics
    assert said.severity == "error"
    assert said.span.path == f"{module}.yaml"


def test_a_concern_that_needs_itself_is_told_though_nobody_chose_it() -> None:
    library = Path(__file__).parents[2] / "scenarios"
    text = (library / "concerns/sead.yaml").read_text(encoding="utf-8")
    assert "\n  truly_free:\n" in text
    laid = {
        library / "concerns/sead.yaml": text.replace("truly_free:\n", "truly_free:\n    needs: [truly_free]\n").encode()
    }
    (one,) = load(library / "sales/merchant-recruitment.yaml", library, laid).diagnostics
    assert (one.name, one.span.text) == ("needs-in-circle", "truly_free")
