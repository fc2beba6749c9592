"""Stages that ask nobody, as users and dealers are at the moment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from infra.access.rights import UserRole
from planning.approval.people import Person
from planning.approval.process import Per, Stage
from planning.dimensions import Network


class Gap(StrEnum):
    ROLE = "role"
    """No active user has the role."""
    SCOPE = "scope"
    """Some users have it, and none of them sees these dealers, brands or holdings."""
    PERSON = "person"
    """Somebody who is named is no active user who works on plans."""


@dataclass(frozen=True, slots=True)
class Unstaffed:
    """`names` are the dealers, brands, holdings or people that are meant."""

    gap: Gap
    stage: Stage
    names: tuple[str, ...] = ()


def unstaffed(stages: Sequence[Stage], people: Sequence[Person], network: Network) -> Iterator[Unstaffed]:
    for stage in stages:
        if stage.people:
            known = {person.name for person in people}
            if missing := tuple(each for each in stage.people if each not in known):
                yield Unstaffed(Gap.PERSON, stage, missing)
        elif not (able := [person for person in people if person.role is stage.role]):
            yield Unstaffed(Gap.ROLE, stage)
        elif missing := _without(stage, able, network):
            yield Unstaffed(Gap.SCOPE, stage, missing)


def _without(stage: Stage, able: Sequence[Person], network: Network) -> tuple[str, ...]:
    if stage.per is Per.DEALER:
        return tuple(
            place.shown_name for place in network.dealers if not any(person.sees([place.id]) for person in able)
        )
    if stage.per is Per.BRAND and stage.role is UserRole.BRAND_MANAGER:
        brands = dict.fromkeys(place.brand for place in network.dealers if place.brand)
        return tuple(brand for brand in brands if not any(brand in person.brands for person in able))
    return ()


def asked_in(stage: Stage, people: Sequence[Person]) -> tuple[str, ...]:
    """Whom the stage asks, by name."""
    if stage.people:
        return stage.people
    return tuple(person.name for person in people if person.role is stage.role)
