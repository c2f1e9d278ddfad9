"""``python -m tests.diagnostics`` writes the list of all diagnostics into the documentation."""

from __future__ import annotations

from dramaturg.dsl.messages.explain import index
from tests.checkout import ROOT

PAGE = ROOT / "docs" / "diagnostics.md"

if __name__ == "__main__":
    PAGE.write_text(index(), encoding="utf-8")
