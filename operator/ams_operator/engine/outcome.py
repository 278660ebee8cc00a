"""What answers mean for the engine: observations, refusals, trouble, and the state of an account."""

from __future__ import annotations

from collections.abc import Iterable

from ams_operator.api.reasons import Reason
from ams_operator.domain import ids
from ams_operator.domain.answers import (
    Answer,
    Conflict,
    InTheWay,
    Lane,
    NoAnswer,
    NoEntry,
    NotSent,
    PortError,
    Resource,
)
from ams_operator.domain.holds import compared, suspected
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import JSON, UNLISTED, Action, Address, Decision, Observed
from ams_operator.domain.settle import end_of
from ams_operator.domain.suspicion import APART
from ams_operator.domain.writes import CREATE
from ams_operator.engine.accounts import Account
from ams_operator.engine.job import Job
from ams_operator.engine.ports import Backend
from ams_operator.engine.state import Engine, children_of
from ams_operator.engine.store import ACCOUNT
from ams_operator.texts import clean

POLL = 5.0
"""seconds between looks while the service works on something"""
RELOOK = 60.0
"""seconds between looks at an account that can't be used: no sweep would find out that somebody made it"""
SOON = 1.0
"""seconds, at least, until a hold that time heals is judged again"""
SAID = 400
"""characters of a conflict's text that leave room for the way out of it"""
QUOTA_CODES = frozenset({"QuotaExceeded", "ResourceQuotaExceeded"})
"""Resource Manager's words for it. Which one Media Services sends is not known, and maybe none of them (`places`)"""
_UNUSABLE = frozenset(
    {
        Reason.RELOCATION_REFUSED,
        Reason.ORIGIN_NOT_ALLOWED,
        Reason.ACCOUNT_VANISHED,
        Reason.ADOPTION_REFUSED,
        Reason.CLAIMED,
        Reason.RESOURCE_NOT_FOUND,
    }
)

MAYBE_ALL = frozenset({Reason.WAITING_FOR_ACCOUNT, Reason.FORBIDDEN, Reason.CREDENTIAL_REJECTED})
"""trouble of one resource that may be its account's, too"""
_GONE = frozenset({Reason.ACCOUNT_VANISHED, Reason.RESOURCE_NOT_FOUND})


def learn(engine: Engine, account: Account, answer: Answer, kind: str = "") -> None:
    """Any answer sets the service's clock; one that is no sign of trouble ends the account's trouble. That the account
    may not be read ends by reading it, and not by what was under way to something in it. `kind`: what was asked for."""
    account.learn(answer.date, engine.clock.now())
    barred = account.trouble is not None and account.trouble.reason == Reason.FORBIDDEN
    if barred and (kind != ACCOUNT or answer.status == 403):
        return
    if answer.status not in (401, 429) and answer.status < 500 and engine.accounts.succeed(account):
        owner = engine.store.objects.get(account.uid)
        if owner is not None:
            _awaken(engine, owner, account)


def read(answer: Answer, kind: str = "") -> JSON | None:
    """The resource that a GET found, None where it does not exist. Raises NoAnswer and NotSent for everything else;
    NoEntry for the account itself, whose 403 is that of all that lies in it."""
    if answer.status == 200 and answer.body is not None:
        return answer.body
    if answer.status == 404:
        return None
    if answer.status == 403 and kind == ACCOUNT:
        message = f"the credential may not read the account ({_detail(answer)}): grant it a role there"
        raise NoEntry(Reason.FORBIDDEN, message)
    raise trouble_of(answer)


def known_again(job: Job, raw: JSON | None) -> None:
    """Raises NoAnswer where what was known, or may have been made, shows nothing by which it is: taken for some other
    one of its name, it would be let go of."""
    act, made = job.record.act, job.record.identity or job.scene.made
    ours = made is not None or (act is not None and act.name == CREATE and job.scene.sent)
    if raw is not None and ours and job.kind.identity(raw) is None:
        message = "the service shows it without what tells it from another one of its name (such as its creation time)"
        raise NoAnswer(Reason.BAD_ANSWER, f"{message}: nothing is done until it does")


def alone(job: Job, error: PortError) -> bool:
    """Whether the credential is refused for this resource alone: since it was so before, the account ended that trouble
    with the same one. Else one resource would bring it back again and again, and keep all others waiting. Notes the
    refusal, for the next one to be judged by."""
    if error.reason != Reason.CREDENTIAL_REJECTED or job.account is None or job.resource.kind == ACCOUNT:
        return False
    before, job.memory.refused_with = job.memory.refused_with, job.account.secret_version
    return job.account.trouble is None and before == job.account.secret_version


def is_refusal(answer: Answer) -> bool:
    """Whether the same request would be refused again: bad input, not a matter of time, right or order."""
    return 400 <= answer.status < 500 and answer.status not in (401, 403, 404, 408, 409, 429)


def trouble_of(answer: Answer) -> PortError:
    """An answer that is neither success nor a refusal of the request's content, as an error with its reason."""
    detail = _detail(answer)
    if answer.status == 401:
        return NotSent(Reason.CREDENTIAL_REJECTED, f"the service rejects the credential ({detail})")
    if answer.code in QUOTA_CODES:
        message = f"the account has no place left for it ({detail}): delete another one, or have the quota raised"
        return NotSent(Reason.QUOTA_EXCEEDED, message)
    if answer.status == 403:
        message = f"the credential lacks a permission, or a quota is used up ({detail}): grant it, or make room"
        return NotSent(Reason.FORBIDDEN, message)
    if answer.status == 429:
        until = answer.at + answer.retry_after if answer.retry_after is not None else None
        return NotSent(Reason.THROTTLED, "the service throttles; it is tried again when its window is over", until)
    if answer.status == 404:
        return NotSent(Reason.WAITING_FOR_ACCOUNT, f"what it lies in does not exist ({detail})")
    if answer.status == 409:
        message = f"the service is busy with it, or something else stands in its way ({detail})"
        return InTheWay(Reason.PROGRESSING, message, clean(detail, SAID))
    return NoAnswer(Reason.ENDPOINT_UNREACHABLE, f"the service answers {detail}")


def _detail(answer: Answer) -> str:
    return f"{answer.status} {answer.code}: {answer.message}".rstrip(": ")


async def send(backend: Backend, address: Address, action: Action, lane: Lane) -> Answer:
    """The one request of an action. Raises NotSent or NoAnswer."""
    match action.method:
        case "PUT":
            return await backend.put(address, action.body or {}, lane, action.query)
        case "PATCH":
            return await backend.patch(address, action.body or {}, lane)
        case "DELETE":
            return await backend.delete(address, lane)
    return await backend.action(address, action.verb, action.body, lane)


async def list_all(engine: Engine, account: Account, address: Address, kind: str, lane: Lane) -> tuple[JSON, ...]:
    """A whole sub-collection. Raises NotSent or NoAnswer, and Conflict where the account's way is made anew."""
    items: list[JSON] = []
    token: str | None = None
    while True:
        if account.backend is None:
            raise Conflict("the account changed")
        page = await account.backend.list(address.account, kind, address.names, lane, token)
        account.learn(page.date, engine.clock.now())
        items += page.items
        if (token := page.next) is None:
            return tuple(items)


async def inside(engine: Engine, job: Job, kind: str, lane: Lane) -> tuple[JSON, ...]:
    """A sub-collection: what a LIST shows of it, and what it leaves out although the last look at its own object showed
    it. That is believed until a look of its own, which comes at once, says otherwise. Raises as `list_all`."""
    assert job.account is not None
    items = await list_all(engine, job.account, job.desired.address, kind, lane)
    listed = {str(item.get("name", "")).lower() for item in items}
    for other in engine.store.users(job.resource):
        name = str(other.spec.get("azureName") or other.name)
        shown = other.kind == kind and any(other.status.get(member) for member in engine.kinds[kind].shows)
        if shown and name.lower() not in listed:
            items += ({"name": name, UNLISTED: True},)
            engine.nominate(other.uid, Lane.RETRY)
    return items


async def ended(job: Job, raw: JSON, lane: Lane) -> tuple[bool, tuple[str, str] | None]:
    """Whether the long operation of the noted act is over, and why it failed. It is asked only where the resource
    does not tell: its state is none that the act leads to or through. Raises as `list_all`."""
    act, state = job.record.act, job.kind.state(raw)
    if act is None or act.operation is None:
        return False, None
    end = end_of(job.kind, act.name)
    lost = end is not None and state.heading == state.now != end
    if state.provisioning != "Failed" and not lost:
        return False, None
    assert job.account is not None
    if job.account.backend is None:
        raise Conflict("the account changed")
    answer = await job.account.backend.operation(job.desired.address, act.operation, lane)
    if answer.status != 200 and answer.status != 404:
        raise trouble_of(answer)
    status = str((answer.body or {}).get("status", "")).lower()
    if status in ("failed", "canceled") or state.provisioning == "Failed":
        return True, (answer.code or "Failed", answer.message or "no reason given")
    return status != "inprogress", None


def judge_account(engine: Engine, job: Job, decision: Decision) -> None:
    """Whether the account may be used now; where that changes, its resources are looked at again."""
    account = job.account
    assert account is not None
    observed = job.memory.observed
    before = (account.usable, account.gone, account.lost, account.waits)
    reasons = {hold.reason for hold in decision.holds}
    if observed is not None and decision.plan.looked:
        account.gone = observed.raw is None and decision.next is None and decision.plan.record.act is None
        _missed(account, job.resource, observed.at)
        account.usable = observed.raw is not None and decision.plan.waiting is None and not reasons & _UNUSABLE
    elif reasons & _UNUSABLE:
        account.usable = False
    worst = next((hold.message for hold in decision.holds), decision.plan.waiting or "nobody has looked at it yet")
    account.waits = "" if account.usable else f"MediaServicesAccount {job.resource.name} is not ready: {worst}"[:512]
    if account.usable and not before[0]:
        _awaken(engine, job.resource, account)
    elif (account.usable, account.gone, account.lost, account.waits) != before:
        _tell(engine, children_of(engine, job.resource))


def count(job: Job, decision: Decision) -> None:
    """What this look says of a difference that another version did not find. A sweep judges it (`suspicion`)."""
    if job.account is None or job.scene.change is None:
        return
    if suspected(decision, job.scene):
        job.account.doubt(job.desired.uid)
    elif compared(decision, job.desired, job.scene):
        job.account.trust(job.desired.uid)


def _missed(account: Account, owner: Resource, at: float) -> None:
    """Whether a second look found an account gone, long enough after the first one of this process or of a former
    one, which its status dates."""
    if not account.gone:
        account.missing, account.lost = None, False
        return
    if account.missing is None:
        told = [one for one in owner.status.get("conditions", ()) if one.get("reason") in _GONE]
        since = [ids.instant(one.get("lastTransitionTime")) for one in told]
        account.missing = min(at, max((one.timestamp() for one in since if one is not None), default=at))
    account.lost = account.lost or at - account.missing >= APART


def _tell(engine: Engine, children: Iterable[Resource]) -> None:
    """They are looked at, and so is who means the same: which of them may act hangs on their accounts' credentials."""
    for uid in engine.store.around(child.uid for child in children):
        engine.nominate(uid, Lane.USER)


def _awaken(engine: Engine, owner: Resource, account: Account) -> None:
    """The account may be used: what was never seen in it comes at once, the rest by one sweep instead of GETs. What was
    seen to be gone is looked at again: it may have been gone with the account."""
    account.sweep_soon, told = True, []
    for child in children_of(engine, owner):
        record, memory = child.record, engine.store.memory[child.uid]
        if memory.observed is not None and memory.observed.raw is None:
            memory.observed = memory.clean = None
        if child.deleting or not record.get("how") or record.get("act"):
            told.append(child)
    _tell(engine, told)


def due(job: Job, decision: Decision, now: float) -> float | None:
    """When to look again unasked: a hold's end, or soon while the service works or more is to be done."""
    # A hold that is over and is still there waits for somebody else: asking again at once would leave him no turn.
    times = [max(decision.due, now + SOON)] if decision.due is not None else []
    if decision.next is not None:
        times.append(now)
    if decision.plan.waiting is not None or decision.plan.record.act is not None:
        times.append(now + POLL)
    if job.resource.kind == ACCOUNT and job.account is not None and not job.account.usable and decision.plan.looked:
        times.append(now + RELOOK)
    if job.desired.deleting and not decision.release and decision.next is None and not decision.plan.looked:
        times.append(now + POLL)
    if job.desired.deleting and decision.plan.stuck:
        times.append(now + RELOOK)  # its namespace may be going, which ends it however it is held
    return min(times, default=None)


def shallow(kind: Kind, decision: Decision, seen: Observed | None) -> bool:
    """Whether something is held on an observation without the sub-collections that might free it."""
    lacking = seen is not None and any(name not in seen.children for name in collections(kind, seen.raw))
    return lacking and decision.next is None and any(decision.plan.chains)


def collections(kind: Kind, raw: JSON | None) -> tuple[str, ...]:
    """The sub-collections that decisions rest on: what runs has them while it runs."""
    return kind.children if raw is not None and (kind.state(raw).on_air or not kind.leads_to) else ()
