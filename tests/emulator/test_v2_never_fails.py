"""Whatever is asked of version 2, in whatever order and under whichever answers to open questions: it answers."""

import json
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from tests.emulator.v2_client import V2, at

from ams_emulator.testing import Emulator
from ams_emulator.v2.sets import SETS
from ams_emulator.variants import GUESSES, Variants

REQUESTS = 250
VALUES: tuple[Any, ...] = (
    None, 0, -1, 2, 2**70, 1.5, True, "", "x", "PT1H", "2020-01-01T00:00:00Z", "nb:cid:UUID:x", [], [{}], {},
    {"a": [1]},
)  # fmt: skip
QUERIES = (
    "$top=3", "$skip=2", "$top=-1", "$select=Id", "$select=", "$inlinecount=allpages", "$filter=State eq 3",
    "$filter=State eq 'Running' or Name eq 'x'", "$filter=Created gt datetime'2020-01-01T00:00:00'",
    "$filter=Created gt 5", "$filter=((((", "$filter=startswith(Name)", "$filter=Name eq 'it''s'",
    "$filter=not not Name eq null", "$filter=length(Input) gt 1", "$filter=Input/StreamingProtocol eq 'RTMP'",
    "$orderby=Created desc,Name", "$orderby=Input", "$orderby=Restrictions,State desc", "$orderby=",
    "$expand=Files", "$format=json",
)  # fmt: skip
ACCEPTS = (
    None,
    "application/json",
    "application/json;odata=verbose",
    "application/json;odata=nometadata",
    "*/*",
    ";;",
    "x",
)
METHODS = ("GET", "GET", "GET", "POST", "POST", "MERGE", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS")


class Monkey:
    """Sends one request after the other, chosen by chance from a seed."""

    def __init__(self, v2: V2, seed: int) -> None:
        self.v2, self.random = v2, random.Random(seed)

    def row(self) -> str:
        name = self.random.choice(list(SETS))
        if self.random.random() < 0.2:
            return f"{name}('{self.random.choice(('', 'x', 'nb:jid:UUID:1'))}')"
        rows = self.v2.emulator.control.v2_rows(self.v2.account_id, name)
        return at(name, str(self.random.choice(rows)[SETS[name].key])) if rows else name

    def path(self) -> str:
        pick, row = self.random.choice, self.row()
        item = SETS[row.partition("(")[0]]
        ways = [way.name for way in item.navigations] or ["Nothing"]
        below = (
            pick(ways),
            f"{pick(ways)}/$count",
            f"$links/{pick(ways)}",
            f"$links/{self.row()}",
            "State",
            "State/$value",
        )
        paths = (
            row,
            row,
            item.name,
            f"{row}/{pick(below)}",
            f"{row}/{pick(item.actions or ('Start',))}",
            "$metadata",
            "",
        )
        functions = (
            "CancelJob",
            "CreateFileInfos",
            "RebindContentKey",
            "GetProtectionKeyId",
            "Nonsense",
            "A(B)C",
            "''",
        )
        if self.random.random() < 0.1:
            return f"{pick(functions)}?jobid='{pick(('x', 'nb:jid:UUID:1'))}'&assetid='x'&id='x'&x509Certificate='x'"
        path = pick(paths)
        return f"{path}?{quote(pick(QUERIES), safe='$&=')}" if self.random.random() < 0.4 else path

    def body(self, path: str) -> object:
        item = SETS.get(path.partition("(")[0].partition("?")[0])
        pick = self.random.choice
        if item is None or self.random.random() < 0.1:
            return pick(
                (b"{", b"[]", b"", b"\xff", b"[" * 3000, json.dumps({"uri": pick(VALUES)}).encode(), {"Tasks": 1})
            )
        chosen = [field for field in item.fields if field.required or self.random.random() < 0.3]
        body: dict[str, Any] = {field.name: pick(VALUES) for field in chosen}
        for name in ("AssetId", "ParentAssetId", "AccessPolicyId", "ChannelId"):
            if name in body and self.random.random() < 0.7:
                body[name] = self.row().partition("'")[2].removesuffix("')").replace("%3A", ":")
        return body | pick(({}, {"uri": self.row()}, {"InputMediaAssets@odata.bind": [self.row()], "Tasks": [{}]}))

    def ask(self) -> tuple[int, Any]:
        method, path = self.random.choice(METHODS), self.path()
        body = None if method in ("GET", "HEAD", "OPTIONS") else self.body(path)
        content = self.random.choice(("application/json", "application/json;odata=verbose", "application/xml"))
        accept = self.random.choice(ACCEPTS)
        status, _, answer = self.v2.ask(method, path, body, Accept=accept, Content_Type=content)
        return status, (method, path, body, answer)


@pytest.mark.parametrize("seed", range(4))
def test_no_request_is_too_much(emulator: Emulator, v2_factory: Callable[..., V2], seed: int) -> None:
    chosen = Variants(f"seed:{seed}")
    emulator.control.variants(**{guess.name: chosen.answer(guess.name) for guess in GUESSES})
    emulator.control.settings(operation_seconds=seed % 2 * 60)
    monkey = Monkey(v2_factory(("legacy", "broadcaster", "mixed", "small")[seed]), seed)
    seen = set()
    for _ in range(REQUESTS):
        status, what = monkey.ask()
        seen.add(status)
        assert status != 500, what
        if monkey.random.random() < 0.1:
            emulator.control.advance(30)
    assert {200, 400, 404} <= seen
