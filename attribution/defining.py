"""Defining measures and dimensions: list, keep, remove."""

import keyword
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import Engine

from attribution.catalog import Catalog, catalog_in_force, read_catalog
from attribution.definitions import (
    Definition,
    Kind,
    check_name,
    definitions_in_force,
    keep_definition,
    versions_of,
)  # fmt: skip
from attribution.dimensions import BUILT_IN, Dimension, OwnDimension
from attribution.formulas import FUNCTIONS, names_in, read_formula
from attribution.measures import MEASURES, Measure, OwnMeasure
from attribution.reference_document import wrongs_in
from attribution.visibility import EVERYTHING, Visibility
from infra.clock import Clock
from infra.errors import InvalidInput, NotFound

_Told = TypeVar("_Told", bound=BaseModel)


class Definitions:
    """Measures and dimensions as users define them. Safe to use from several threads."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def catalog(self) -> Catalog:
        return read_catalog(self._engine)

    def in_force(self, kind: Kind) -> Sequence[Definition]:
        with self._engine.connect() as connection:
            return definitions_in_force(connection, kind)

    def versions(self, kind: Kind, name: str, *, seen: Visibility = EVERYTHING) -> Sequence[Definition]:
        """Every version, the newest first. Raises `NotFound`, and `NotPermitted`: rules of dimensions name anybody."""
        if kind is Kind.DIMENSION:
            seen.check_sees_everything("What a dimension is made of", "Reports can be grouped by it all the same.")
        with self._engine.connect() as connection:
            found = versions_of(connection, kind, name)
        if not found:
            raise NotFound(f"There is no {kind} {name!r}.", where="name", help=f"`closedloop {kind}s list` shows all.")
        return found

    def keep_measure(self, name: str, told: OwnMeasure, *, author: str) -> Measure:
        """Define a measure, or a new version of it. Raises `InvalidInput` where its formula cannot be computed."""
        return self._keep(Kind.MEASURE, name, told.as_dict(), author).measures[name]

    def keep_dimension(self, name: str, told: OwnDimension, *, author: str) -> Dimension:
        """Define a dimension, or a new version of it. Raises `InvalidInput` where its name is taken."""
        return self._keep(Kind.DIMENSION, name, told.as_dict(), author).dimensions[name]

    def remove(self, kind: Kind, name: str, *, author: str) -> None:
        """Raises `NotFound`, and `InvalidInput` where another measure is made of it."""
        with self._engine.begin() as connection:
            if kind is Kind.MEASURE:
                _check_unused(name, definitions_in_force(connection, kind))
            keep_definition(connection, kind, name, {}, author=author, clock=self._clock)

    def _keep(self, kind: Kind, name: str, body: Mapping[str, Any], author: str) -> Catalog:
        """The catalogue afterwards: where there can be none, nothing was kept."""
        with self._engine.begin() as connection:
            _check_free(name, catalog_in_force(connection), kind)
            keep_definition(connection, kind, name, body, author=author, clock=self._clock)
            return catalog_in_force(connection)


def read_measure(body: object) -> OwnMeasure:
    """Raises `InvalidInput`."""
    return _read(OwnMeasure, body)


def read_dimension(body: object) -> OwnDimension:
    """Raises `InvalidInput`."""
    return _read(OwnDimension, body)


def told_of(dimension: Dimension, *, seen: Visibility = EVERYTHING) -> dict[str, Any]:
    """As JSON takes it. Its rules, which may name anybody, are for those alone who see everything."""
    named = {"name": dimension.name, "version": dimension.version}
    return named | (dimension.own.as_dict() if dimension.own and seen.is_everything else {})


def _read(model: type[_Told], body: object) -> _Told:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise InvalidInput(
            f"The definition cannot be taken: {'; '.join(wrongs_in(error))}.",
            where="body",
            help=f"Its fields are {', '.join(model.model_fields)}.",
        ) from error


def _check_free(name: str, catalog: Catalog, kind: Kind) -> None:
    """A name is a column of reports, and a word of formulas: it means one thing."""
    check_name(name)
    others = set(catalog.dimensions if kind is Kind.MEASURE else catalog.measures)
    taken = others | {each.slug for each in MEASURES} | set(BUILT_IN) | set(FUNCTIONS)
    if name in taken or keyword.iskeyword(name):
        raise InvalidInput(
            f"The name {name!r} means something else already.", where="name", help="Choose another name."
        )


def _check_unused(name: str, told: Sequence[Definition]) -> None:
    known = [each.slug for each in MEASURES] + [each.name for each in told]
    users = [each.name for each in told if name in names_in(read_formula(each.body["formula"], known))]
    if users:
        raise InvalidInput(
            f"{name} cannot be removed: {', '.join(users)} would be made of nothing.",
            where="name",
            help="Remove or rewrite those first.",
        )
