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
    head = ("step", "kind", "objects", "requests", "minimum each", "finalizer", "min", "status", "min", "exact")
    quiet = "met" if mix.idle_writes == 0 else "missed"
    lists = mix.restart.verb("LIST") if mix.restart is not None else 0
    return f"""## Six kinds in many accounts

{mix.objects} objects in {mix.accounts} accounts, {each} in each: the account, two transforms, three assets, a live
event and a streaming endpoint that run, and two live outputs that record. What the service does takes no time here:
looks at unfinished work, one each 5 seconds, would come on top. A live event's connection Secret is one more write.

{table(head, _counts(mix))}

Kinds that a step neither asked about nor wrote are left out. In the restart only the accounts are written, since their
driftInterval was changed while the operator was down. There were {lists} LIST in it, one for each account and kind, and
there are as many in each sweep.

{table(("step", "objects", "operator", "engine", "apiserver", "etcd", "emulator", "wall"), _costs(mix))}

CPU in ms for each object, less what an operator without objects takes ({mix.idle_ms:.1f} ms each second). An idle sweep
of all accounts takes {_sweep_ms(mix):.3f} ms for each object, with its share of the {lists // mix.accounts} LIST of its
account. Nothing is written while nothing differs: {quiet}, {mix.idle_writes} writes to the service and to the
API server in {mix.sweeps} sweeps of all accounts."""


def _counts(mix: Mixed) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for step, kind, objects in mix.parts():
        service, finalizers, statuses = least(step.name, kind)
        asked = " ".join(f"{step.of(kind, verb)} {verb}" for verb in VERBS if step.of(kind, verb)) or "none"
        needed = " ".join(f"{count} {verb}" for verb, count in service.items()) or "none"
        wrote = [step.writes[(kind, *write)] for write in (FINALIZER, STATUS)]
        exact = "; ".join([*beyond(step, kind, objects), *step.disagreements]) or "yes"
        if (asked, needed, *wrote, exact) == ("none", "none", 0, 0, "yes"):
            continue
        rows.append((step.name, kind, objects, asked, needed, wrote[0], finalizers, wrote[1], statuses, exact))
    return rows


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
