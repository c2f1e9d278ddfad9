"""The spot where somebody is typing: its place in the file, and the scenario as it was understood last."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dramaturg.dsl.declarations.inventory import Inventory
from dramaturg.dsl.editing.indexing_lines import Here, at_hand
from dramaturg.dsl.editing.renaming import Known
from dramaturg.dsl.scenario import EventType
from dramaturg.dsl.spans import NOWHERE
from dramaturg.dsl.tree import Scalar
from dramaturg.lsp.context import Context, Fits
from dramaturg.lsp.desk import Desk


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the cursor stands. ``found`` is None where nothing was understood yet."""

    desk: Desk
    path: Path
    at: Context
    fits: Fits
    found: Inventory | None
    home: Known | None

    def owner(self) -> str:
        """The task or person inside which the cursor stands."""
        for what, name in reversed(self.fits.names):
            if what in ("a task", "a person"):
                return name
        return "user" if self.at.path[:1] == ("user",) else ""

    def given(self) -> EventType | None:
        """The event whose fields are given under ``with``."""
        assert self.found is not None
        for frame in reversed(self.at.frames):
            for key in ("do", "emit", "as"):
                if key in frame.beside:
                    name = frame.beside[key].partition("(")[0].strip()
                    return self.found.events.get(f"{self.person()}.{name}" if key == "do" else name)
        return None

    def person(self) -> str:
        owner = self.owner()
        return owner if self.found is not None and owner in self.found.persons else "user"

    def here(self) -> Here:
        """The scope of the line, with the fields of the event that stands beside it."""
        assert self.found is not None
        owner = self.owner()
        if not owner and self.at.path[:1] in (("concerns",), ("shifts",)):
            owner = self.found.principal()
        here = Here(self.found, self.found.scope.within(*((owner,) if owner else ())))
        for frame in reversed(self.at.frames):
            beside = frame.beside.get("when") or frame.beside.get("to")
            if beside and frame.key not in ("when", "to"):
                here = here.during(at_hand(Scalar(beside, NOWHERE), here))
            if (emitted := frame.beside.get("emit")) in self.found.events and self.fits.record != "a trigger":
                event = self.found.events[emitted or ""]
                here = here.during({f.name: (f.type, (event.name,)) for f in event.fields})
        return here
