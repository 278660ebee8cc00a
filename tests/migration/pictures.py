"""The pictures of docs/migrating-from-v2.md: the real command's page on the emulator's `broadcaster`, in Chromium.

.venv/bin/python -m tests.migration.pictures
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.migration import browser

from ams_emulator.testing import Emulator

IMAGES = Path(__file__).parents[2] / "docs" / "images"


def made(place: Path, scenario: str = "broadcaster") -> Path:
    """The page, written by the command as people run it."""
    with Emulator("--operation-seconds", "0", data=place) as emulator:
        emulator.control.add_group("media")
        emulator.control.add_account("contoso", resourceGroup="media", scenario=scenario)
        settings = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("AZURE_", "AMS_"))},
            "AZURE_TENANT_ID": emulator.tenant_id,
            "AZURE_CLIENT_ID": emulator.client_id,
            "AZURE_CLIENT_SECRET": emulator.client_secret,
            "AZURE_AUTHORITY_HOST": emulator.url,
            "AMS_ENDPOINT": emulator.url,
            "AMS_CA_BUNDLE": emulator.ca_file or "",
            "XDG_CACHE_HOME": str(place),
        }
        command = [sys.executable, "-c", "from ams_operator.cli import main; main()", "migrate", "report"]
        command += ["--account", "contoso", "-g", "media", "--subscription", emulator.subscription_id]
        file = place / f"{scenario}.html"
        subprocess.run([*command, "-o", "html", "--file", str(file)], env=settings, check=True)
        return file


def draw(file: Path, place: Path) -> list[Path]:
    """Desktop, phone, and the fields of one channel on both sides."""
    place.mkdir(parents=True, exist_ok=True)
    shots = {name: place / f"migration-report-{name}.png" for name in ("desktop", "dark", "fields", "phone")}
    with browser.browser() as chromium:
        for name, scheme in (("desktop", "light"), ("dark", "dark")):
            wide = browser.opened(chromium, file, width=1200, height=1500, scheme=scheme)
            wide.page.screenshot(path=shots[name])
            wide.context.close()
        wide = browser.opened(chromium, file, width=1200, height=900)
        channel = wide.page.locator("details[data-name=sport]")
        channel.evaluate("(one) => { one.open = true; }")
        channel.screenshot(path=shots["fields"])
        wide.context.close()
        phone = browser.opened(chromium, file, width=390, height=1400)
        phone.page.screenshot(path=shots["phone"])
        phone.context.close()
    return list(shots.values())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for path in draw(made(Path(folder)), IMAGES):
            print(path.relative_to(IMAGES.parents[1]), path.stat().st_size)
