"""What an account asks of objects of other namespaces: to be admitted, names of their own, and to be few.

A guest is judged by what it would reach in the service, its references included, before it claims anything or anything
is asked: the answer is the same whether or not a name is taken.
"""

from __future__ import annotations

from ams_operator.api.base import ResourceSpec
from ams_operator.api.namespaces import AllowedNamespaces
from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Resource
from ams_operator.domain.model import SERVICE_EFFECTS, Cure, Hold
from ams_operator.engine import references
from ams_operator.engine.state import Engine, parse_spec

PAUSE = 30.0
"""seconds until a guest that was refused is judged again: nothing tells that a namespace's labels changed, or that
another guest went"""


async def allows(engine: Engine, owner: Resource, namespace: str) -> bool:
    """Whether an account admits the objects of a namespace. Raises InvalidSpec."""
    if owner.namespace == namespace:
        return True
    allowed: AllowedNamespaces | None = parse_spec(engine, owner).allowed_namespaces
    if allowed is None:
        return False
    return allowed.admits(owner.namespace, namespace, dict(await engine.kube.labels(namespace) or {}))


def refusal(engine: Engine, owner: Resource, resource: Resource, spec: ResourceSpec) -> Hold | None:
    """Why an admitted namespace's object may not use the account all the same. Raises InvalidSpec.

    What was let in before may always be deleted.
    """
    allowed: AllowedNamespaces | None = parse_spec(engine, owner).allowed_namespaces
    if allowed is None or (resource.deleting is not None and resource.own_record.get("how")):
        return None
    return _misnamed(engine, allowed, owner, resource, spec) or _too_many(engine, allowed, owner, resource)


def _misnamed(
    engine: Engine, allowed: AllowedNamespaces, owner: Resource, resource: Resource, spec: ResourceSpec
) -> Hold | None:
    prefix = allowed.name_prefix
    if prefix is None:
        return None
    names = {"spec.azureName": spec.effective_name(resource.name), **references.names(engine, resource, spec)}
    for field in sorted(spec.also_names):
        if (name := getattr(spec, field)) is not None:
            names[f"spec.{type(spec).model_fields[field].alias or field}"] = name
    wrong = next((field for field, name in names.items() if not name.lower().startswith(prefix.lower())), None)
    if wrong is None:
        return None
    message = (
        f"{wrong}: MediaServicesAccount {owner.name} of namespace {owner.namespace} lets other namespaces use only "
        f"names in the service that begin with {prefix}: choose one in a new object"
    )
    return Hold(Reason.NAME_NOT_ALLOWED.value, SERVICE_EFFECTS, Cure.FIX, message, engine.clock.now() + PAUSE)


def _too_many(engine: Engine, allowed: AllowedNamespaces, owner: Resource, resource: Resource) -> Hold | None:
    """Those that are in the service already come first, then the oldest."""
    most = allowed.max_objects
    if most is None:
        return None
    before = 0
    for uid in engine.store.guests((resource.namespace, owner.namespace, owner.name)):
        before += _rank(engine.store.objects[uid]) < _rank(resource)
        if before >= most:
            break
    else:
        return None
    message = (
        f"MediaServicesAccount {owner.name} of namespace {owner.namespace} takes {most} objects of this namespace, and "
        "there are that many before this one: delete others, or ask its owner for a higher allowedNamespaces.maxObjects"
    )
    return Hold(Reason.TOO_MANY_OBJECTS.value, SERVICE_EFFECTS, Cure.TIME, message, engine.clock.now() + PAUSE)


def _rank(resource: Resource) -> tuple[bool, str, str]:
    record = resource.own_record
    return not (record.get("how") or record.get("act")), resource.created, resource.uid
