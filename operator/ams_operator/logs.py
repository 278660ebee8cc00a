"""Logging: one line per event, the object it is about as fields, and never a secret nor a control character in it."""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
import threading
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, MutableMapping
from datetime import UTC, datetime
from itertools import islice
from types import TracebackType
from typing import Any, Final, Literal, TextIO
from urllib.parse import quote, quote_plus

from ams_operator.texts import clean

LogFormat = Literal["json", "human"]

MASK: Final = "***"
_SHORTEST: Final = 6
"""Shorter values are not masked: they would black out ordinary words."""
_TOKEN: Final = 16
"""Shorter parts of a URL are names and words."""
_RANDOM: Final = re.compile("[0-9a-f]{16,}")
_REMEMBERED: Final = 10_000
_OWN: Final = 2000
"""of the operator's own: tokens, which are long, end within an hour and are replaced"""
_ROOM: Final = 1 << 20
"""characters of all that is remembered of one namespace"""
_LINES: Final = 64
"""of a value, that are masked each by itself too"""
_WHOLE: Final = 64
"""characters from which on a form is looked for by two pieces of it"""
_LONGEST: Final = 1 << 18
"""characters of a text that are looked at"""
_ABOUT: Final = ("kind", "namespace", "name", "uid")
_PLACE: Final = ("kind", "namespace", "name")
"""what finds an object: no secret, and it has to be readable whatever secrets people have"""


class Redactor:
    """Knows the secret values that this process has read, and blots them out of any text. Safe to share by threads.

    Each is the secret of a namespace, or of the operator itself (""). A namespace's pushes out none but its own, and
    is not looked for in what others read: who chose it would choose what they read, and see whether he guessed theirs.

    Forms are found by their first characters. What registering and masking cost does not depend on how many secrets
    are known: each live event that starts brings some, and a pattern of all of them, made anew each time, stopped
    everything for a second once there were hundreds. Nor does it depend on how many of them begin alike, and are of
    different lengths: of long ones two pieces are looked for, whose lengths are few, and which cover the whole.
    """

    def __init__(self, remembered: int = _REMEMBERED, room: int = _ROOM) -> None:
        self._lock = threading.Lock()
        self._remembered, self._room = remembered, room
        self._values: dict[str, OrderedDict[str, None]] = {}
        self._sizes: Counter[str] = Counter()
        """namespace to the characters of its values"""
        self._uses: dict[str, Counter[str]] = {}
        """form to the number of values, by namespace, that look like this"""
        self._lengths: dict[str, Counter[int]] = {}
        """the first characters to the lengths of the forms that begin with them, and how many forms are that long"""

    def register(self, values: Iterable[str], owner: str = "") -> None:
        """Mask these values of a namespace from now on, and what they look like in URLs, JSON and base64."""
        with self._lock:
            known = self._values.setdefault(owner, OrderedDict())
            for value in values:
                whole = value.strip()
                # A PEM file is shown line by line more often than as a whole.
                for part in {whole, *islice(whole.splitlines(), _LINES)}:
                    if len(part) >= _SHORTEST:
                        self._learn(part, owner)
            # Our own are as many as the credentials of all, and nobody chooses them.
            most = self._remembered if owner else min(self._remembered, _OWN)
            while len(known) > most or (owner and len(known) > 1 and self._sizes[owner] > self._room):
                self._forget(known.popitem(last=False)[0], owner)

    def _learn(self, value: str, owner: str) -> None:
        known = self._values[owner]
        if value not in known:
            self._sizes[owner] += len(value)
            for form in _forms(value):
                if form not in self._uses:
                    self._lengths.setdefault(form[:_SHORTEST], Counter())[len(form)] += 1
                self._uses.setdefault(form, Counter())[owner] += 1
        known[value] = None
        known.move_to_end(value)

    def _forget(self, value: str, owner: str) -> None:
        self._sizes[owner] -= len(value)
        for form in _forms(value):
            uses = self._uses[form]
            uses[owner] -= 1
            if not uses[owner]:
                del uses[owner]
            if not uses:
                del self._uses[form]
                lengths = self._lengths[form[:_SHORTEST]]
                lengths[len(form)] -= 1
                if not lengths[len(form)]:
                    del lengths[len(form)]
                if not lengths:
                    del self._lengths[form[:_SHORTEST]]

    def _hides(self, form: str, within: Collection[str] | None) -> bool:
        uses = self._uses.get(form)
        return uses is not None and (within is None or "" in uses or any(one in uses for one in within))

    def mask(self, text: str, within: Collection[str] | None = None) -> str:
        """The text without any registered value of these namespaces and of the operator; None: of all."""
        if len(self._uses) < len(text) and not any(map(text.__contains__, tuple(self._uses))):
            return text  # with few secrets that is cheaper than to look at each place of the text
        hidden: list[tuple[int, int]] = []
        longest_first: dict[str, list[int]] = {}
        for place in range(len(text) - _SHORTEST + 1):
            start = text[place : place + _SHORTEST]
            if (lengths := self._lengths.get(start)) is None:
                continue
            if start not in longest_first:
                longest_first[start] = sorted(lengths, reverse=True)
            for length in longest_first[start]:
                if (form := text[place : place + length]) in self._uses and self._hides(form, within):
                    end = place + len(form)
                    if hidden and place < hidden[-1][1]:  # two pieces of one, or two secrets that overlap
                        begun, ended = hidden.pop()
                        hidden.append((begun, max(ended, end)))
                    else:
                        hidden.append((place, end))
                    break
        shown = zip([0, *(end for _, end in hidden)], [*(place for place, _ in hidden), len(text)], strict=True)
        return MASK.join(text[place:end] for place, end in shown)

    def safe(self, text: str, limit: int = 1024, within: Collection[str] | None = None) -> str:
        """A text fit to show: masked (`mask`), cleaned and cut. Masked again where cleaning changed it: a character
        that can't be seen may have stood inside of a secret."""
        text = self.mask(text[:_LONGEST], within)
        line = clean(text, 4 * limit)
        return clean(line if line == text else self.mask(line, within), limit)


def _forms(value: str) -> set[str]:
    raw = value.encode("utf-8", "surrogateescape")
    forms = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]}
    forms |= {quote(raw, safe=""), quote(raw), quote_plus(raw)}
    # Inside a longer base64 text the value starts at one of three offsets; the characters at its edges depend on the
    # neighbours and are left out.
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw).decode("ascii")
        start = (0, 2, 3)[offset]
        end = (offset + len(raw)) * 8 // 6
        inner = encoded[start:end]
        forms |= {inner, inner.replace("+", "-").replace("/", "_")}
    return {piece for form in forms if len(form) >= _SHORTEST for piece in _pieces(form)}


def _pieces(form: str) -> tuple[str, ...]:
    """What it is looked for by. The two pieces of a long one overlap, since each is longer than half of it."""
    if len(form) < _WHOLE:
        return (form,)
    length = 1 << (len(form).bit_length() - 1)
    return form[:length], form[-length:]


def tokens_of(urls: Iterable[str]) -> set[str]:
    """What makes URLs secret: the parts of their paths that are as long as a token, or else the whole URL; and host
    names that nobody can guess."""
    found: set[str] = set()
    for url in urls:
        host, *path = url.partition("://")[2].split("/")
        found |= {part for part in path if len(part) >= _TOKEN and "." not in part} or {url}
        found |= {label for label in host.split(".")[:1] if _RANDOM.fullmatch(label)}
    return found


class ObjectLogger(logging.LoggerAdapter[logging.Logger]):
    """A logger whose lines carry the object they are about. Made by `about`."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        kwargs["extra"] = {**(kwargs.get("extra") or {}), "about": self.extra}
        return msg, kwargs


def about(logger: logging.Logger, *, kind: str, namespace: str = "", name: str = "", uid: str = "") -> ObjectLogger:
    """`logger` for lines about one object."""
    return ObjectLogger(logger, {"kind": kind, "namespace": namespace, "name": name, "uid": uid})


class _Formatter(logging.Formatter):
    """What both formats share: the parts of a line, each masked and cleaned."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def _time(self, record: logging.LogRecord) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _message(self, record: logging.LogRecord) -> str:
        return self._redactor.safe(record.getMessage(), 4096)

    def _about(self, record: logging.LogRecord) -> dict[str, str]:
        fields = getattr(record, "about", None)
        if not isinstance(fields, dict):
            # `extra={"uid": ...}` without `about`; "name" is the logger's there.
            fields = {key: getattr(record, key, None) for key in _ABOUT if key != "name"}
        said = {key: str(fields[key]) for key in _ABOUT if fields.get(key)}
        return {key: (clean if key in _PLACE else self._redactor.safe)(text, 256) for key, text in said.items()}

    def _trace(self, record: logging.LogRecord) -> list[str]:
        if not record.exc_info or record.exc_info[0] is None:
            return []
        lines = self._redactor.mask(self.formatException(record.exc_info)).split("\n")
        return [" " * (len(line) - len(line.lstrip(" "))) + self._redactor.safe(line) for line in lines if line.strip()]


class JsonFormatter(_Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": self._time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._message(record),
            **self._about(record),
        }
        if trace := self._trace(record):
            line["exception"] = "\n".join(trace)
        return json.dumps(line, ensure_ascii=False)


class HumanFormatter(_Formatter):
    """One line for people; a traceback follows indented, so that no foreign text can pass for a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        fields = self._about(record)
        place = "/".join(fields[key] for key in ("kind", "namespace", "name") if key in fields)
        head = f"{self._time(record)} {record.levelname:<7} {place + ': ' if place else ''}{self._message(record)}"
        return "\n".join([head, *(f"    {line}" for line in self._trace(record))])


class _KopfNoise(logging.Filter):
    """Drops what the intake says better, once and in this project's words: kopf's retries, its ends with tracebacks."""

    _said_elsewhere = ("Request attempt", "OS signals are ignored", "Watcher for", "Multidimensional multitasker")

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.name.startswith("kopf") and str(record.msg).startswith(self._said_elsewhere))


def setup(log_format: LogFormat, redactor: Redactor, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send all logging of the process to `stream` (standard error), in one format and masked. May be called again."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(redactor) if log_format == "json" else HumanFormatter(redactor))
    if level > logging.DEBUG:
        handler.addFilter(_KopfNoise())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    # At debug level these log headers and bodies.
    quiet = logging.INFO if level < logging.INFO else logging.WARNING
    for name in ("azure", "aiohttp", "kopf", "kubernetes", "msal", "urllib3", "asyncio"):
        logging.getLogger(name).setLevel(max(level, quiet))
    # It warns of each try; the engine says once what is wrong with a credential.
    logging.getLogger("azure.identity").setLevel(max(level, logging.ERROR if quiet > logging.INFO else quiet))


def hook() -> None:
    """What nobody caught, in whatever thread, becomes a log line: Python itself would print it as it is."""

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logging.getLogger(__name__).critical("it ends by a fault", exc_info=(kind, error, trace))

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            uncaught(args.exc_type, args.exc_value, args.exc_traceback)

    def unraisable(args: Any) -> None:
        if args.exc_value is not None:
            logging.getLogger(__name__).error("an error is ignored", exc_info=args.exc_value)

    sys.excepthook, threading.excepthook, sys.unraisablehook = uncaught, in_thread, unraisable
