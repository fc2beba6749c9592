"""Measures and dimensions that users define for their reports."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read, may_read_own
from attribution.defining import read_dimension, read_measure, told_of
from attribution.definitions import Definition, Kind
from attribution.measures import Measure

router = APIRouter(dependencies=[Depends(may_read_own)])
Told = Annotated[dict[str, Any], Body()]


@router.get("/api/measures")
def list_measures(services: ServicesOf) -> dict[str, Any]:
    """Built-in measures, and those that users defined, with their formulas."""
    catalog = services.definitions.catalog()
    items = [_measure(each, catalog.versions.get(each.slug, 0)) for each in catalog.measures.values()]
    return {"items": items, "total": len(items), "next": None}


@router.put("/api/measures/{name}", dependencies=[Depends(may_change_rules)])
def put_measure(services: ServicesOf, viewer: ViewerOf, name: str, told: Told) -> dict[str, Any]:
    """Define a measure, or a new version of it."""
    measure = services.definitions.keep_measure(name, read_measure(told), author=viewer.name)
    return _measure(measure, services.definitions.catalog().versions[name])


@router.delete("/api/measures/{name}", status_code=204, dependencies=[Depends(may_change_rules)])
def delete_measure(services: ServicesOf, viewer: ViewerOf, name: str) -> None:
    """Remove a measure that nothing else is made of."""
    services.definitions.remove(Kind.MEASURE, name, author=viewer.name)


@router.get("/api/measures/{name}/versions")
def list_measure_versions(services: ServicesOf, name: str) -> dict[str, Any]:
    """Every version, the newest first."""
    return _versions(services, Kind.MEASURE, name)


@router.get("/api/dimensions")
def list_dimensions(services: ServicesOf, viewer: ViewerOf) -> dict[str, Any]:
    """Built-in dimensions, and those that users defined."""
    items = [told_of(each, seen=viewer.seen) for each in services.definitions.catalog().dimensions.values()]
    return {"items": items, "total": len(items), "next": None}


@router.put("/api/dimensions/{name}", dependencies=[Depends(may_change_rules)])
def put_dimension(services: ServicesOf, viewer: ViewerOf, name: str, told: Told) -> dict[str, Any]:
    """Define a dimension, or a new version of it."""
    own = read_dimension(told)
    kept = services.definitions.keep_dimension(name, own, author=viewer.name)
    return {"name": name, "version": kept.version, **own.as_dict()}


@router.delete("/api/dimensions/{name}", status_code=204, dependencies=[Depends(may_change_rules)])
def delete_dimension(services: ServicesOf, viewer: ViewerOf, name: str) -> None:
    """Remove a dimension."""
    services.definitions.remove(Kind.DIMENSION, name, author=viewer.name)


@router.get("/api/dimensions/{name}/versions", dependencies=[Depends(may_read)])
def list_dimension_versions(services: ServicesOf, name: str) -> dict[str, Any]:
    """Every version, the newest first."""
    return _versions(services, Kind.DIMENSION, name)


def _measure(measure: Measure, version: int) -> dict[str, Any]:
    told = {"name": measure.slug, "title": measure.title, "unit": measure.unit.value}
    return told | {"formula": measure.formula or None, "version": version}


def _versions(services: ServicesOf, kind: Kind, name: str) -> dict[str, Any]:
    items = [_version(each) for each in services.definitions.versions(kind, name)]
    return {"items": items, "total": len(items), "next": None}


def _version(found: Definition) -> dict[str, Any]:
    told = {"version": found.version, "at": found.at.isoformat(), "author": found.author}
    return told | {"removed": not found.body, **found.body}
