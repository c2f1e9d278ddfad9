"""What every test run shares: which tests wait for a flag or an extra, and which go first.

A test marked ``slow`` runs only where the marker expression names it; a test marked ``train`` needs the training
extra. Both are skipped with their reason otherwise, so that a run always says what it left out.
"""

from __future__ import annotations

import importlib.util
import os

import pytest
from hypothesis import settings

# A deadline of an example would measure how busy the machine is.
settings.register_profile("dramaturg", deadline=None)
settings.load_profile("dramaturg")

# What a test sees must not hang on what the run before it saw.
os.environ["DRAMATURG_CACHE"] = "off"

NEEDED = ("torch", "transformers", "peft", "trl", "datasets", "accelerate")
"""What the training extra brings, as import names."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    asked = "slow" in str(config.option.markexpr)
    for item in items:
        if item.get_closest_marker("slow") and not asked:
            item.add_marker(pytest.mark.skip(reason="slow: run `python -m pytest -m slow`"))
        if item.get_closest_marker("train") and missing:
            item.add_marker(pytest.mark.skip(reason=f"needs the training extra (no {missing[0]} here)"))
    # The test that installs the whole project takes longest: begun first, it runs beside all the others.
    items.sort(key=lambda item: "test_readme" not in item.nodeid)
