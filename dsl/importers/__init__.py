"""Importers: other people's data as modules of this language. One file each; this registry is how they are found."""

from __future__ import annotations

from dramaturg.dsl.importers import abcd, proactivebench, sead
from dramaturg.dsl.importers.imported import Imported, Importer, Option

IMPORTERS: dict[str, Importer] = {
    importer.name: importer for importer in (abcd.IMPORTER, proactivebench.IMPORTER, sead.IMPORTER)
}

__all__ = ["IMPORTERS", "Imported", "Importer", "Option"]
