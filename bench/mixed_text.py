"""The document's section about many kinds in many accounts."""

from __future__ import annotations

from bench.findings import Findings
from bench.measure import FINALIZER, STATUS
from bench.minimum import VERBS, beyond, least
from bench.mixed import Mixed
from bench.tables import ms, table


def mixed(found: Findings) -> str:
    """Requests by step and kind, CPU by step, and what idle sweeps take."""
    if (mix := found.mixed) is None:
        return ""
    each = mix.objects // mix.accounts
    sweep = _sweep_ms(mix)
    return f"""## Six kinds in many accounts

{mix.objects} objects in {mix.accounts} accounts, {each} in each: the account, two transforms, three assets, a live
event and a streaming endpoint that run, and two live outputs that record. What the service does takes no time here:
looks at unfinished work, one each 5 seconds, would come on top. A live event's connection Secret is one more write.

{table(("step", "kind", "objects", "requests", "minimum each", "finalizer", "min", "status", "min", "exact"), _counts(mix))}

In the restart only the accounts are written, since their driftInterval was changed while the operator was down. LIST in
the restart: {_lists(mix)}, one for each account and kind, and so in each sweep.

{table(("step", "objects", "operator", "engine", "apiserver", "etcd", "emulator", "wall"), _costs(mix))}

CPU in ms for each object. An idle sweep of all accounts takes {sweep:.3f} ms for each object, requests that
{each} objects share included: {"met" if mix.idle_writes == 0 else "missed"}, {mix.idle_writes} writes to the service
and to the API server in {mix.sweeps} sweeps."""


def _counts(mix: Mixed) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for step, kind, objects in mix.parts():
        service, finalizers, statuses = least(step.name, kind)
        asked = " ".join(f"{step.of(kind, verb)} {verb}" for verb in VERBS if step.of(kind, verb)) or "none"
        needed = " ".join(f"{count} {verb}" for verb, count in service.items()) or "none"
        wrote = [step.writes[(kind, *write)] for write in (FINALIZER, STATUS)]
        exact = "; ".join([*beyond(step, kind, objects), *step.disagreements]) or "yes"
        rows.append((step.name, kind, objects, asked, needed, wrote[0], finalizers, wrote[1], statuses, exact))
    return rows


def _lists(mix: Mixed) -> int:
    return mix.restart.verb("LIST") if mix.restart is not None else 0


def _costs(mix: Mixed) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for step in (*mix.steps, mix.restart):
        if step is None:
            continue
        servers = [ms(step.servers[name] / step.objects) for name in ("apiserver", "etcd", "emulator")]
        own = [ms(step.operator / step.objects), ms(step.engine / step.objects)]
        rows.append((step.name, step.objects, *own, *servers, f"{step.seconds:.1f} s"))
    return rows


def _sweep_ms(mix: Mixed) -> float:
    return mix.idle.operator * 1000 / mix.objects / mix.sweeps if mix.idle is not None else 0.0
