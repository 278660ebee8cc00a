"""Chromium, where this machine has one, driven by playwright; nothing is downloaded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Dialog, Page, sync_playwright

PATH = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync")  # fmt: skip


@contextmanager
def browser() -> Iterator[Browser]:
    """Closed at the end: while playwright runs, its thread has an event loop."""
    assert PATH is not None
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=PATH, args=list(_QUIET))
        try:
            yield found
        finally:
            found.close()


@dataclass
class Opened:
    """A page, and what it did that a report must not do."""

    page: Page
    context: BrowserContext
    said: list[str] = field(default_factory=list)
    """in the console, errors and warnings, refusals of the page's policy among them"""
    asked: list[str] = field(default_factory=list)
    """addresses of requests"""
    dialogs: list[str] = field(default_factory=list)

    def refuse(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


def opened(found: Browser, file: Path, *, width: int = 1280, height: int = 900, scheme: str = "light") -> Opened:
    """The file in a window of its own."""
    context = found.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        device_scale_factor=1,
    )
    page = context.new_page()
    one = Opened(page, context)
    page.on("console", lambda message: one.said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: one.said.append(str(error)))
    page.on("request", lambda request: one.asked.append(request.url))
    page.on("dialog", one.refuse)
    page.goto(file.as_uri())
    return one
