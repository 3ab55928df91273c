"""`make run` installs what the product needs: no package of the developers may help out unseen."""

import importlib.metadata
import subprocess
import sys

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Every command, every process of `groundswell run`, and what gunicorn loads by its name.
PROGRAMS = (
    "commands.main", "commands.detect", "commands.node", "commands.replay",
    "commands.replay_packets", "commands.release", "commands.run", "commands.score",
    "commands.simulate", "commands.update", "commands.watch",
    "gateway.__main__", "aggregator.__main__", "aggregator.console.__main__",
    "gunicorn.workers.ggevent", "system.nodes", "replay.compiled",
)  # fmt: skip
_HIDE_AND_IMPORT = """
import importlib, sys
hidden, programs = set(sys.argv[1].split(",")), sys.argv[2].split(",")

class Hiding:
    def find_spec(name, path=None, target=None):
        if name in hidden:
            raise ModuleNotFoundError(f"{name} is not among the dependencies of groundswell")

sys.meta_path.insert(0, Hiding)
for program in programs:
    importlib.import_module(program)
"""


def test_every_program_starts_with_what_make_run_installs() -> None:
    # catches gunicorn 25 and later without [gevent]: `packaging` came with pytest alone, and a
    # fresh `make run` had no console
    ours = _installed_by("groundswell")
    owners = importlib.metadata.packages_distributions()
    hidden = {
        module
        for module, names in owners.items()
        if module not in sys.stdlib_module_names
        and not ours & {canonicalize_name(name) for name in names}
    }

    ended = subprocess.run(
        [sys.executable, "-c", _HIDE_AND_IMPORT, ",".join(hidden), ",".join(PROGRAMS)],
        capture_output=True,
        text=True,
    )

    assert {"pytest", "obspy"} <= hidden
    assert ended.returncode == 0, ended.stderr


def _installed_by(name: str) -> set[str]:
    """Return the distributions that `pip install name` brings, itself included."""
    found: set[tuple[str, str]] = set()  # name, extra
    waiting = [(name, "")]
    while waiting:
        one, extra = waiting.pop()
        if (one, extra) in found:
            continue
        found.add((one, extra))
        for line in importlib.metadata.requires(one) or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                waiting += [(canonicalize_name(needed.name), e) for e in ("", *needed.extras)]
    return {one for one, _ in found}
