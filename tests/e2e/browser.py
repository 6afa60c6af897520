"""A headless Chromium, driven by the W3C WebDriver protocol in plain HTTP; one that waits for what it wants to see.

Starts Debian's chromedriver on a free port and ends it with the block; goes to loopback addresses only.
"""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from sandbox.processes import ChildProcess, start_process
from tests.e2e.running import until

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,1000",
)
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_ARRIVED = "return document.readyState === 'complete' && !document.documentElement.dataset.left"
_PORT = re.compile(r"started successfully on port (\d+)")


def missing() -> str:
    """Why there is no browser here; empty where there is one."""
    absent = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return f"the browser tests need {' and '.join(absent)}, which this machine does not have" if absent else ""


class Browser:
    """One window."""

    def __init__(self, session_url: str) -> None:
        self._url = session_url

    def open(self, url: str) -> None:
        """Go to a page and wait until it is there."""
        self._send("POST", "/url", {"url": url})

    def resize(self, width: int, height: int) -> None:
        """Give the page that many pixels, as a phone or a desk would."""
        self._send("POST", "/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}})

    def title(self) -> str:
        """The page's title."""
        return str(self._send("GET", "/title"))

    def values(self, selector: str, attribute: str = "value") -> list[str]:
        """That property of every element, in order."""
        return [str(self._send("GET", f"/element/{each}/property/{attribute}")) for each in self._found(selector)]

    def texts(self, selector: str) -> list[str]:
        """What a reader sees of every element."""
        return [str(self._send("GET", f"/element/{each}/text")) for each in self._found(selector)]

    def labels(self, selector: str) -> list[str]:
        """What a screen reader calls every element."""
        return [str(self._send("GET", f"/element/{each}/computedlabel")) for each in self._found(selector)]

    def fill(self, selector: str, text: str) -> None:
        """Replace what stands in a field by typing."""
        (field,) = self._found(selector)
        self._send("POST", f"/element/{field}/clear", {})
        self._send("POST", f"/element/{field}/value", {"text": text})

    def click(self, selector: str) -> None:
        """Click on what leads to another page, and wait until that one is there.

        The driver's own click may return before a form's navigation has begun, so the page left behind is marked.
        """
        (button,) = self._found(selector)
        self._script("document.documentElement.dataset.left = 'yes'")
        self._send("POST", f"/element/{button}/click", {})
        until(self._arrived, 30, lambda: f"{selector} led to no other page", 0.02)

    def _arrived(self) -> bool:
        """Whether an unmarked page is complete; a page that is just going away cannot even be asked."""
        try:
            return bool(self._script(_ARRIVED))
        except AssertionError:
            return False

    def wait_for(self, url: str, selector: str, value: str, timeout_s: float = 60) -> None:
        """Open a page again and again until a field shows that value."""

        def shown() -> bool:
            self.open(url)
            return value in self.values(selector)

        until(shown, timeout_s, lambda: f"{selector} on {url} shows {self.values(selector)} instead of {value}", 1.0)

    def picture(self, file: Path) -> None:
        """Keep what the window shows."""
        file.write_bytes(base64.b64decode(self._send("GET", "/screenshot")))

    def _script(self, text: str) -> Any:
        return self._send("POST", "/execute/sync", {"script": text, "args": []})

    def _found(self, selector: str) -> list[str]:
        found = self._send("POST", "/elements", {"using": "css selector", "value": selector})
        return [each[_ELEMENT] for each in found]

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = requests.request(method, self._url + path, json=body, timeout=60).json()["value"]
        assert not (isinstance(answer, dict) and "error" in answer), f"the browser: {answer}"
        return answer


@contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """A browser with a fresh profile; it and its driver end with the block."""
    driver = start_process("chromedriver", ["chromedriver", "--port=0"], ready=_listens, timeout_s=60)
    try:
        match = _PORT.search(driver.output())
        assert match is not None
        base = f"http://127.0.0.1:{match[1]}"
        options = {"args": [*FLAGS, f"--user-data-dir={profile}"]}
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        answer = requests.post(f"{base}/session", json=wanted, timeout=120).json()["value"]
        assert "sessionId" in answer, f"the browser did not start: {answer}"
        session = f"{base}/session/{answer['sessionId']}"
        try:
            yield Browser(session)
        finally:
            requests.delete(session, timeout=60)
    finally:
        driver.stop()


def _listens(process: ChildProcess) -> bool:
    return _PORT.search(process.output()) is not None
