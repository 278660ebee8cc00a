"""What has no room in a report lies in files: of accounts that are there, and of few bytes."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ams_operator.domain.answers import Resource
from ams_operator.migration import beside as besides
from ams_operator.migration import checkpoint
from ams_operator.migration.beside import Beside
from ams_operator.migration.census import Census
from ams_operator.migration.kept import Kept
from ams_operator.migration.tools import Tools
from ams_operator.migration.watches import Watches

from .telling_world import Clock, Cluster, account_of
from .test_kept import BEGUN, SEAL, _inventory, _tally
from .test_turns import rounds


def test_a_file_holds_what_the_report_has_no_room_for(tmp_path: Path) -> None:
    beside = Beside(tmp_path / "cache")
    kept, census = Kept("a", SEAL), Census("a", BEGUN)
    assets = checkpoint.pack(str(uuid.uuid4()) for _ in range(20_000))
    _inventory(kept, census, {"newAssets": assets, "units": ""}, Assets=_tally(3), Jobs=_tally(1))
    text = kept.pack()
    beside.keep("uid", kept)
    (file,) = (tmp_path / "cache").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    later = Kept.newest("a", SEAL, (text, beside.read("uid")))
    assert set(later.sets) == {"Assets", "Jobs"}
    assert (later.load() or {})["known"]["newAssets"] == assets
    kept.whole = True
    kept.pack()
    beside.keep("uid", kept)
    assert not list((tmp_path / "cache").iterdir())
    assert beside.read("uid") == ""
    assert Beside(None).read("uid") == ""


def half_read() -> Kept:
    """An inventory that has no room in a report."""
    kept = Kept("a", SEAL)
    assets = checkpoint.pack(str(uuid.uuid4()) for _ in range(20_000))
    _inventory(kept, Census("a", BEGUN), {"newAssets": assets, "units": ""}, Assets=_tally(3))
    kept.pack()
    return kept


def test_the_files_of_all_accounts_have_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = Beside(tmp_path)
    for number in range(3):
        beside.keep(f"uid{number}", half_read())
        os.utime(tmp_path / f"v2-uid{number}.json", (number, number))
    size = (tmp_path / "v2-uid0.json").stat().st_size
    monkeypatch.setattr(besides, "MOST", int(3.5 * size))
    for uid, left in (("uid2", {"uid0", "uid1", "uid2"}), ("uid3", {"uid1", "uid2", "uid3"})):
        beside.keep(uid, half_read())
        assert {path.stem.removeprefix("v2-") for path in tmp_path.iterdir()} == left
        assert beside.read(uid)


@dataclass
class Several(Cluster):
    """Accounts that come and go."""

    there: Sequence[Resource] = field(default_factory=lambda: [account_of()])

    def accounts(self) -> Sequence[Resource]:
        return self.there

    def account(self, uid: str) -> Resource | None:
        return next((one for one in self.there if one.uid == uid), None)


async def test_a_file_goes_with_its_account_also_where_no_process_saw_it_go(tmp_path: Path) -> None:
    beside, cluster = Beside(tmp_path), Several(there=[])
    for name in ("v2-uid.json", "v2-gone.json", "v2-killed.new"):
        (tmp_path / name).write_text("x")
    (tmp_path / "else.json").write_text("nothing of ours")
    watching = asyncio.create_task(Watches(Tools(cluster, Clock(), SEAL, seal=SEAL), beside).run())

    def files() -> set[str]:
        return {path.name for path in tmp_path.iterdir()}

    try:
        await rounds()
        assert len(files()) == 4, "none is listed while the API server is away"
        cluster.there = [account_of()]
        await rounds()
        assert files() == {"v2-uid.json", "else.json"}
        cluster.there = []
        await rounds()
        assert files() == {"else.json"}
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
