"""The real flash on a folder of this machine, by both interpreters, against the simulated one."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from firmware.state.flash import Flash
from system.micropython import environment
from tests.shared.simulated_flash import SimulatedFlash

STORY = """
from firmware.state import storage
def story(files):
    said = [files.size("a"), files.read("a"), files.names("none")]
    files.make_folder("d")
    files.make_folder("d")
    files.make_folder("d/e")
    files.write("d/x", b"0123456789")
    files.append("d/x", b"abc")
    files.append("d/y", b"new")
    storage.save(files, "d/s", b"one")
    storage.save(files, "d/s", b"two")
    said += [files.size("d/x"), files.size("d"), files.read("d"), files.read("d/x", 8)]
    said += [files.read("d/x", 8, 3), files.read("/d/x", 13, 3), storage.load(files, "d/s")]
    said += [files.names("d"), files.names(""), files.free_bytes() > 100000]
    for path in ("d/x", "d/e", "d/x", "d/none"):
        files.remove(path)
    for wrong in (lambda: files.remove("d"), lambda: files.write("none/x", b"")):
        try:
            wrong()
            said.append("done")
        except OSError:
            said.append("refused")
    files.write("d/y", b"")
    return said + [files.names("d"), files.read("d/y")]
"""


def expected() -> list[object]:
    space: dict[str, Any] = {}
    code = compile(STORY, "story", "exec")
    exec(code, space)  # noqa: S102  # our own text, run as well by the other interpreter
    return space["story"](SimulatedFlash())


@pytest.mark.parametrize("interpreter", ["cpython", "micropython"])
def test_a_folder_behaves_as_the_simulated_flash(
    interpreter: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    program = sys.executable
    if interpreter == "micropython":
        program = str(request.getfixturevalue("micropython"))
    script = (
        STORY + f"from firmware.state.flash import Flash\nprint(story(Flash({str(tmp_path)!r})))"
    )

    surroundings = environment()
    surroundings["PYTHONPATH"] = surroundings["MICROPYPATH"]
    run = subprocess.run(
        [program, "-c", script], env=surroundings, capture_output=True, text=True, timeout=120
    )

    assert run.stderr == ""
    assert ast.literal_eval(run.stdout) == expected()
    assert Flash(str(tmp_path)).names("d") == ["s.0", "s.1", "y"]
