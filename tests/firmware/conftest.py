"""What several tests of the firmware need."""

import sys
import types
from collections.abc import Iterator

import pytest


@pytest.fixture
def run() -> Iterator[object]:
    """Import modules from text; return what test_all of `user` returns."""
    kept = dict(sys.modules)

    def run(sources: dict[str, str]) -> tuple[object, ...]:
        for name in sources:
            package, _, short = name.rpartition(".")
            sys.modules[name] = types.ModuleType(name)
            if package:
                holder = sys.modules.setdefault(package, types.ModuleType(package))
                setattr(holder, short, sys.modules[name])
        for name in sorted(sources, key=lambda name: (name == "user", name)):
            exec(sources[name], sys.modules[name].__dict__)  # noqa: S102  our own text
        result: tuple[object, ...] = sys.modules["user"].test_all()
        return result

    yield run
    sys.modules.clear()
    sys.modules.update(kept)
