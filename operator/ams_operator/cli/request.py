"""`ams-operator request`: ask for something, or consent to what a status offers, by the annotation that says so."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Final

import typer

from ams_operator.api.base import REQUEST_PREFIX
from ams_operator.api.kind import Kind
from ams_operator.api.kinds import KINDS
from ams_operator.api.reasons import Reason
from ams_operator.api.requests import ONCE, Request
from ams_operator.domain.answers import Conflict, KubeDown, KubeRefused, Resource, Vanished
from ams_operator.kube.access import ConfiguredLogin, NoAccess
from ams_operator.kube.client import KubeClient
from ams_operator.texts import clean

MANAGER: Final = "ams-operator-request"
_LOSSES: Final = (Reason.MISSING, Reason.DATA_LOST, Reason.ACCOUNT_VANISHED, Reason.RECORDING_EXISTS)


class Unfit(Exception):
    """The request makes no sense; the text says why and what would."""


def _plan(resource: Resource) -> str:
    offered = (resource.status.get("plan") or {}).get("hash")
    if not offered:
        raise Unfit("there is no plan in its status, so there is nothing to approve")
    return str(offered)


def _lost(resource: Resource) -> str:
    """What is gone, or may be overwritten: what its status asks consent to."""
    command = f"request {Request.RECREATE} {resource.kind}/{resource.name} "
    for hold in resource.status.get("holds") or ():
        if hold.get("reason") in _LOSSES and command in hold.get("message", ""):
            return str(hold["message"]).rpartition(command)[2].partition(" ")[0]  # before its -n NAMESPACE
    raise Unfit("its status does not ask for it: nothing is gone, and nothing would be overwritten")


def _uid(resource: Resource) -> str:
    return resource.uid


def _now(_: Resource) -> str:
    """Another value than the last time, which is what asks for it to be done once more."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


VERBS: Final[Mapping[str, Callable[[Resource], str]]] = MappingProxyType(
    {
        Request.APPROVE: _plan,
        Request.RECREATE: _lost,
        Request.ABANDON: _uid,
        **dict.fromkeys((Request.START, Request.STOP, Request.STANDBY, Request.RESET), _now),
    }
)
"""Verb to its value: for consent what the object offers, the only one that has an effect; for what is done once any new
one. Raises Unfit where the object offers none."""


def request(
    verb: Annotated[str, typer.Argument(help="start, stop, standby, reset; approve, recreate, abandon.")],
    target: Annotated[str, typer.Argument(metavar="KIND/NAME", help="For example transform/adaptive.")],
    value: Annotated[str | None, typer.Argument(help="Absent: what the object's status offers, or the time.")] = None,
    namespace: Annotated[
        str | None, typer.Option("--namespace", "-n", help="Absent: the namespace of the context.")
    ] = None,
    kubeconfig: Annotated[str | None, typer.Option(envvar="KUBECONFIG", help="Absent: ~/.kube/config.")] = None,
    context: Annotated[str | None, typer.Option(help="Context of the kubeconfig; absent: its current one.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Let the API server check it; write nothing.")] = False,
) -> None:
    """Ask for something once (start, stop, standby, reset), or consent to it (approve, recreate, abandon).

    standby allocates what runs, reset stops and starts it in one.

    approve: the plan in the status. recreate: an empty one of what is gone. abandon: let go of what can't be deleted.
    """
    try:
        print(asyncio.run(_request(verb, target, value, namespace, ConfiguredLogin(kubeconfig, context), dry_run)))
    except (Unfit, NoAccess, Conflict, KubeDown, KubeRefused, Vanished) as error:
        print(clean(str(error)), file=sys.stderr)
        raise typer.Exit(1) from None


async def _request(
    verb: str, target: str, value: str | None, namespace: str | None, login: ConfiguredLogin, dry_run: bool
) -> str:
    kind, name = _target(target)
    offer = _verb(verb, kind)
    client = await KubeClient.connect(login, agent=MANAGER)
    try:
        space = "" if kind.scope == "Cluster" else namespace or client.namespace
        where = f"{kind.kind} {space + '/' if space else ''}{name}"
        try:
            resource = await client.get(kind.kind, space, name)
        except Vanished:
            raise Unfit(f"there is no {where}") from None
        wanted = _value(verb, where, resource, offer, value)
        values = {f"{REQUEST_PREFIX}{verb}": wanted}
        await client.annotate(kind.kind, space, name, values, manager=MANAGER, dry_run=dry_run)
    finally:
        await client.close()
    if dry_run:
        return f"{where}: {verb} {clean(wanted)} would be requested (dry run, nothing was written)"
    later = "; it takes effect when the object is deleted" if verb == "abandon" and not resource.deleting else ""
    return f"{where}: {verb} {clean(wanted)} requested{later}"


def _verb(verb: str, kind: Kind) -> Callable[[Resource], str]:
    if verb in VERBS and verb in kind.requests:
        return VERBS[verb]
    known = ", ".join(name for name in VERBS if name in kind.requests)
    if verb in list(Request):
        raise Unfit(f"there is nothing to {verb} in {kind.kind}; it takes {known}")
    raise Unfit(f"there is no request {verb!r}; {kind.kind} takes {known}")


def _target(target: str) -> tuple[Kind, str]:
    word, slash, name = target.partition("/")
    if not slash or not name or "/" in name:
        raise Unfit(f"{target!r} must be KIND/NAME, for example transform/adaptive")
    kinds = [kind for kind in KINDS if kind.requests]
    for kind in kinds:
        if word.lower() in (kind.kind.lower(), kind.plural, kind.short_name, kind.crd_name):
            return kind, name
    raise Unfit(f"{word!r} takes no requests; these do: {', '.join(kind.kind for kind in kinds)}")


def _value(verb: str, where: str, resource: Resource, offer: Callable[[Resource], str], given: str | None) -> str:
    if verb not in (Request.ABANDON, *ONCE) and resource.status.get("observedGeneration") != resource.generation:
        raise Unfit(f"{where}: its status does not speak of its present spec yet; try again in a moment")
    try:
        offered = offer(resource)
    except Unfit as error:
        raise Unfit(f"{where}: {error}") from None
    if verb in ONCE:
        return given or offered
    if given is not None and given != offered:
        raise Unfit(f"{where}: {verb} {given} would have no effect, the object now offers {offered}; look again")
    return offered
