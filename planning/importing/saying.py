"""Taking what a user says about a file: it is checked, remembered for other files, and the file is read anew."""

from collections.abc import Mapping

from sqlalchemy import Engine

from infra.clock import Clock
from infra.errors import Conflict, InvalidInput
from planning.importing.known import known_names
from planning.importing.mapping import Choices, TableMapping
from planning.importing.names import Known
from planning.importing.register import Import, Imports
from planning.importing.remembered import remember_mappings, remember_names
from planning.importing.words import NAMED_ROLES, Role
from planning.measures import PLANNED

_MOST_NAMES = 5000
_LONGEST_NAME = 200


def say(engine: Engine, clock: Clock, found: Import, choices: Choices, *, author: str, based_on: int) -> None:
    """Raises `InvalidInput` for what names nothing known, and `Conflict` where the import has gone on meanwhile."""
    if found.revision != based_on:
        raise Conflict(
            "This import has gone on since the page was loaded.",
            where="revision",
            help="Load the page again, and say it once more.",
        )
    with engine.connect() as connection:
        known = known_names(connection, found.seen, reader=author, version=found.version)
    _check_mappings(choices.mappings, known)
    _check_names(choices.names, known)
    Imports(engine, clock).choose(found, choices, author=author)
    with engine.begin() as connection:
        remember_mappings(connection, clock, author, choices.by_shape)
        remember_names(connection, clock, author, choices.names, for_everybody=found.seen.is_everything)


def _check_mappings(mappings: Mapping[str, TableMapping], known: Known) -> None:
    for mapping in mappings.values():
        measures = {column.measure for column in mapping.columns} | {mapping.measure}
        if unknown := measures - {""} - set(PLANNED):
            raise InvalidInput(
                f"There is no planned measure {min(unknown)!r}.", where="choices", help="Choose one of the list."
            )
        for role, key in ((Role.DEALER, mapping.dealer), (Role.DIRECTION, mapping.direction)):
            if key and key not in known[role].by_id:
                raise InvalidInput(f"There is no {role} {key!r}.", where="choices", help="Choose one of the list.")
        for role in NAMED_ROLES:
            if len(mapping.with_role(role)) > 1:
                raise InvalidInput(
                    f"More than one column is said to be the {role}.", where="choices", help="Keep one of them."
                )


def _check_names(names: Mapping[Role, Mapping[str, str | None]], known: Known) -> None:
    if sum(map(len, names.values())) > _MOST_NAMES:
        raise InvalidInput(f"More than {_MOST_NAMES} names are explained at once.", where="choices", help="Say fewer.")
    for role, told in names.items():
        if role not in known.names:
            raise InvalidInput(f"Nothing is named by {role.value!r}.", where="choices", help="Name dealers, and so on.")
        for meant in filter(None, told.values()):
            is_new = known[role].takes_new and meant.isprintable() and len(meant) <= _LONGEST_NAME
            if meant not in known[role].by_id and not is_new:
                raise InvalidInput(f"There is no {role} {meant!r}.", where="choices", help="Choose one of the list.")
