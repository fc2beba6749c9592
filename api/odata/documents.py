"""What the feed answers: the service document, `$metadata`, pages of rows, and errors."""

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import orjson

from api.odata.options import FeedOptions
from attribution.feed.entities import ENTITY_SETS, EntitySet, Kind, Property
from attribution.feed.pages import Page, Row
from infra.errors import ClosedLoopError

_NAMESPACE = "ClosedLoop"
_TYPES = {Kind.TEXT: "Edm.String", Kind.DATE: "Edm.Date", Kind.WHOLE: "Edm.Int64", Kind.DECIMAL: "Edm.Decimal"}
_DIGITS = "19"


def service_document(root: str) -> dict[str, Any]:
    sets = [{"name": name, "kind": "EntitySet", "url": name} for name in ENTITY_SETS]
    return {"@odata.context": f"{root}$metadata", "value": sets}


def metadata() -> bytes:
    """The entity model, in CSDL."""
    document = Element("edmx:Edmx", {"Version": "4.0", "xmlns:edmx": "http://docs.oasis-open.org/odata/ns/edmx"})
    services = SubElement(document, "edmx:DataServices")
    edm = {"xmlns": "http://docs.oasis-open.org/odata/ns/edm", "Namespace": _NAMESPACE}
    schema = SubElement(services, "Schema", edm)
    for each in ENTITY_SETS.values():
        _add_type(schema, each)
    container = SubElement(schema, "EntityContainer", {"Name": "Feed"})
    for name, each in ENTITY_SETS.items():
        SubElement(container, "EntitySet", {"Name": name, "EntityType": f"{_NAMESPACE}.{each.type_name}"})
    written: bytes = tostring(document, "utf-8", xml_declaration=True)
    return written


def _add_type(schema: Element, entity_set: EntitySet) -> None:
    found = SubElement(schema, "EntityType", {"Name": entity_set.type_name})
    key = SubElement(found, "Key")
    for column in entity_set.key:
        SubElement(key, "PropertyRef", {"Name": column.name})
    for column in entity_set.properties:
        told = {"Name": column.name, "Type": _TYPES[column.kind], "Nullable": "false"}
        digits = {"Precision": _DIGITS, "Scale": str(column.scale)} if column.kind is Kind.DECIMAL else {}
        SubElement(found, "Property", told | digits)


def page_document(root: str, options: FeedOptions, page: Page, count: int | None) -> bytes:
    """`count` is how many rows match in all, where that was asked for."""
    name = options.question.entity_set.name
    columns = f"({','.join(each.name for each in options.selected)})" if options.is_selected else ""
    document: dict[str, Any] = {"@odata.context": f"{root}$metadata#{name}{columns}"}
    if count is not None:
        document["@odata.count"] = count
    document["value"] = [_row(row, options.selected) for row in page.rows]
    if following := options.next_page(page):
        document["@odata.nextLink"] = f"{root}{name}?{following}"
    return orjson.dumps(document)


def _row(row: Row, columns: Sequence[Property]) -> dict[str, Any]:
    return {column.name: _value(column, row[column.name]) for column in columns}


def _value(column: Property, stored: str | int) -> Any:
    if column.kind is Kind.DECIMAL and isinstance(stored, int):
        return orjson.Fragment(_decimal(stored, column.scale))
    return column.value(stored)


def _decimal(stored: int, scale: int) -> str:
    """All its digits, without zeros at the end."""
    whole, parts = divmod(abs(stored), 10**scale)
    sign = "-" if stored < 0 else ""
    return f"{sign}{whole}.{parts:0{scale}}".rstrip("0").rstrip(".")


def error_document(error: ClosedLoopError) -> dict[str, Any]:
    """Programs show the message alone: so it says what to do, too."""
    message = f"{error.message} {error.help}".strip()
    return {"error": {"code": error.code, "message": message} | ({"target": error.where} if error.where else {})}
