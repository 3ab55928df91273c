"""A real Chromium, driven through chromedriver: W3C WebDriver, JSON over HTTP."""

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless",
    "--no-sandbox",  # root in a container has no user namespaces
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
POLL_S = 0.05


def missing() -> str | None:
    """Return the name of the program that this machine lacks, or None."""
    programs = ("chromium", "chromedriver")
    return next((name for name in programs if shutil.which(name) is None), None)


class Driver:
    """One chromedriver process; give it a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            ["chromedriver", "--port=0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.url = f"http://127.0.0.1:{self._port()}"
        self._pages = 0

    def open(self, *flags: str, width: int = 1400, height: int = 900) -> "Page":
        self._pages += 1
        profile = self._folder / f"profile-{self._pages}"
        arguments = [
            *FLAGS,
            *flags,
            f"--user-data-dir={profile}",
            f"--window-size={width},{height}",
        ]
        options = {"args": arguments, "binary": shutil.which("chromium")}
        wanted = {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        found = request(f"{self.url}/session", {"capabilities": {"alwaysMatch": wanted}})
        return Page(f"{self.url}/session/{found['sessionId']}")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _port(self) -> int:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "started successfully on port" in line:
                return int(line.rstrip().rstrip(".").rsplit(" ", 1)[1])
        raise RuntimeError("chromedriver ended before it listened")


class Page:
    def __init__(self, url: str) -> None:
        self._url = url

    def go(self, url: str) -> None:
        request(f"{self._url}/url", {"url": url})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run the body of an async function in the page; return what it returns."""
        body = (
            "const done = arguments[arguments.length - 1];"
            "const given = [...arguments].slice(0, -1);"
            f"(async (...given) => {{ {script} }})(...given)"
            ".then(done, (error) => done({ failure: String(error.stack) }));"
        )
        found = request(f"{self._url}/execute/async", {"script": body, "args": list(arguments)})
        assert not (isinstance(found, dict) and "failure" in found), found
        return found

    def text(self, selector: str) -> str:
        """Return what a person sees there: hidden elements have no text."""
        script = """const element = document.querySelector(given[0]);
            return [element?.checkVisibility(), element?.innerText]"""
        is_visible, text = self.run(script, selector)
        return str(text) if is_visible else ""

    def wait_for(self, expression: str, within_s: float = 20.0) -> Any:
        """Poll until a JavaScript expression is true; return it."""
        deadline_s = time.monotonic() + within_s
        while time.monotonic() < deadline_s:
            found = self.run(f"return ({expression})")
            if found:
                return found
            time.sleep(POLL_S)
        raise AssertionError(f"not within {within_s} s: {expression}\n{self.text('body')}")

    def media(self, **features: str) -> None:
        pairs = [{"name": key.replace("_", "-"), "value": text} for key, text in features.items()]
        self._devtools("Emulation.setEmulatedMedia", {"features": pairs})

    def timezone(self, name: str) -> None:
        """Empty: the machine's own."""
        self._devtools("Emulation.setTimezoneOverride", {"timezoneId": name})

    def size(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._devtools("Emulation.setDeviceMetricsOverride", metrics)

    def press(self, *keys: str) -> None:
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        request(f"{self._url}/actions", {"actions": [source]})

    def click_at(self, x: float, y: float) -> None:
        move = {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0}
        press = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        source = {"type": "pointer", "id": "mouse", "actions": [move, *press]}
        request(f"{self._url}/actions", {"actions": [source]})

    def complaints(self) -> list[str]:
        """Return what the browser's console holds against the page since the last call."""
        found = request(f"{self._url}/se/log", {"type": "browser"})
        return [entry["message"] for entry in found if entry["level"] == "SEVERE"]

    def close(self) -> None:
        request(self._url, method="DELETE")

    def _devtools(self, command: str, parameters: dict[str, Any]) -> None:
        request(f"{self._url}/goog/cdp/execute", {"cmd": command, "params": parameters})


def request(url: str, document: Any = None, method: str | None = None) -> Any:
    body = None if document is None else json.dumps(document).encode()
    asked = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=60) as response:
            return json.load(response)["value"]
    except urllib.error.HTTPError as error:
        with error:
            raise AssertionError(error.read().decode()[:2000]) from None
