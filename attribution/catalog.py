"""The words that questions are asked in: measures and dimensions, built in or defined by users."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from sqlalchemy import Connection, Engine

from attribution.definitions import Definition, Kind, definitions_in_force
from attribution.dimensions import BUILT_IN, PROPERTY, Dimension, OwnDimension, is_property
from attribution.formulas import Formula, names_in, read_formula, unit_of, with_figures
from attribution.formulas.reading import MOST_DEEP
from attribution.formulas.tree import depth_of
from attribution.measures import MEASURES, Measure, OwnMeasure
from infra.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Catalog:
    """Measures and dimensions by name. `versions` are those of the own ones, of both kinds."""

    measures: Mapping[str, Measure] = field(default_factory=lambda: {each.slug: each for each in MEASURES})
    dimensions: Mapping[str, Dimension] = field(default_factory=lambda: dict(BUILT_IN))
    versions: Mapping[str, int] = field(default_factory=dict)

    def measure(self, name: str, where: str) -> Measure:
        """Raises `InvalidInput`, naming the parameter."""
        if (found := self.measures.get(name)) is None:
            raise InvalidInput(
                f"There is no measure {name!r}.", where=where, help=_suggestion("measures", name, self.measures)
            )
        return found

    def dimension(self, name: str, where: str) -> Dimension:
        """One by name, or a property of the lead or deal. Raises `InvalidInput`, naming the parameter."""
        if is_property(name):
            return Dimension(name, OwnDimension(property=name.removeprefix(PROPERTY)))
        if (found := self.dimensions.get(name)) is None:
            raise InvalidInput(
                f"There is no grouping {name!r}.", where=where, help=_suggestion("groupings", name, self.dimensions)
            )
        return found

    @property
    def own_measures(self) -> tuple[Measure, ...]:
        return tuple(each for name, each in self.measures.items() if name in self.versions)


SHIPPED = Catalog()


def read_catalog(engine: Engine) -> Catalog:
    """What is built in, and what is in force of what users defined."""
    with engine.connect() as connection:
        return catalog_in_force(connection)


def catalog_in_force(connection: Connection) -> Catalog:
    """Raises `InvalidInput` where measures cannot be computed: where they are made of each other."""
    measures = definitions_in_force(connection, Kind.MEASURE)
    dimensions = definitions_in_force(connection, Kind.DIMENSION)
    own = {each.name: Dimension(each.name, OwnDimension(**each.body), each.version) for each in dimensions}
    versions = {each.name: each.version for each in (*measures, *dimensions)}
    return Catalog(_measures(measures), {**BUILT_IN, **own}, versions)


def _measures(told: Sequence[Definition]) -> dict[str, Measure]:
    """Built-in ones, and own ones, each after those that it is made of."""
    found = {each.slug: each for each in MEASURES}
    waiting = {each.name: OwnMeasure(**each.body) for each in told}
    known = [*found, *waiting]
    trees = {name: read_formula(each.formula, known) for name, each in waiting.items()}
    while waiting:
        ready = [name for name in waiting if not names_in(trees[name]) & set(waiting)]
        if not ready:
            raise InvalidInput(
                f"The measures {', '.join(sorted(waiting))} are made of each other.",
                where="formula",
                help="Write one of them over other figures.",
            )
        for name in ready:
            found[name] = _measure(name, waiting.pop(name), trees[name], found)
    return found


def _measure(name: str, own: OwnMeasure, tree: Formula, known: Mapping[str, Measure]) -> Measure:
    over_sums = with_figures(tree, {slug: each.over_sums for slug, each in known.items() if not each.is_sum})
    if depth_of(over_sums) > MOST_DEEP:
        raise InvalidInput(f"The formula of {name} has more than {MOST_DEEP} steps within each other.", where="formula")
    derived = unit_of(tree, {slug: each.unit for slug, each in known.items()})
    return Measure(name, own.title or name, own.unit or derived, own.formula, over_sums)


def _suggestion(title: str, name: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(name, known, n=3, cutoff=0.7)
    meant = f"Is {' or '.join(near)} meant? " if near else ""
    return f"{meant}The {title} are {', '.join(known)}."
