"""`$metadata`: the entity sets as an OData 3 schema."""

from __future__ import annotations

from collections.abc import Iterable

from ams_emulator.v2.model import NAMESPACE, EntitySet, Field

_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_EDMX = "http://schemas.microsoft.com/ado/2007/06/edmx"
_DATA = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
_EDM = "http://schemas.microsoft.com/ado/2009/11/edm"


def document(sets: Iterable[EntitySet]) -> bytes:
    """Types and the container. Complex types are shown as strings: what they hold is in the sources' prose only."""
    found = list(sets)
    types = "".join(_type(item) for item in found)
    members = "".join(f'<EntitySet Name="{item.name}" EntityType="{NAMESPACE}.{item.type}"/>' for item in found)
    container = f'<EntityContainer Name="MediaServices" m:IsDefaultEntityContainer="true">{members}</EntityContainer>'
    return (
        f'{_HEAD}<edmx:Edmx Version="1.0" xmlns:edmx="{_EDMX}"><edmx:DataServices m:DataServiceVersion="3.0" '
        f'm:MaxDataServiceVersion="3.0" xmlns:m="{_DATA}"><Schema Namespace="{NAMESPACE}" xmlns="{_EDM}">'
        f"{types}{container}</Schema></edmx:DataServices></edmx:Edmx>"
    ).encode()


def _type(item: EntitySet) -> str:
    properties = "".join(_property(item, field) for field in item.fields)
    return f'<EntityType Name="{item.type}"><Key><PropertyRef Name="{item.key}"/></Key>{properties}</EntityType>'


def _property(item: EntitySet, field: Field) -> str:
    kind = "String" if field.type in ("Complex", "Collection") else field.type
    nullable = "false" if field.name == item.key else "true"
    return f'<Property Name="{field.name}" Type="Edm.{kind}" Nullable="{nullable}"/>'
