"""A slow, obviously right reference of Markov's credit: plain Python over one journey at a time, a chain a kind."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.attribution.journeys.reference_models import Pattern, removal_effect


@dataclass(frozen=True, slots=True)
class Touch:
    at: datetime
    id: str
    person: int
    channel: str


@dataclass(frozen=True, slots=True)
class Conversion:
    kind: str
    id: str
    person: int
    window_from: datetime
    window_to: datetime


def journey(conversion: Conversion, touches: Sequence[Touch]) -> list[Touch]:
    found = [
        each
        for each in touches
        if each.person == conversion.person and conversion.window_from <= each.at <= conversion.window_to
    ]
    return sorted(found, key=lambda each: (each.at, each.id))


def effects(
    kind: str, conversions: Sequence[Conversion], touches: Sequence[Touch], lookback: timedelta
) -> dict[str, float]:
    """The removal effect of each channel, of journeys that end in a conversion of the kind, or in none."""
    ended = [journey(each, touches) for each in conversions if each.kind == kind]
    reached = {each for path in ended for each in path}
    patterns = [Pattern(tuple(each.channel for each in path), 1, 0) for path in ended]
    for person in {each.person for each in touches}:
        own = sorted((each for each in touches if each.person == person), key=lambda each: (each.at, each.id))
        if not reached.intersection(own):
            path = tuple(each.channel for each in own if each.at >= own[-1].at - lookback)
            patterns.append(Pattern(path, 0, 1))
    return {channel: removal_effect(patterns, 1, channel) for channel in {each.channel for each in touches}}


def credit(
    conversions: Sequence[Conversion], touches: Sequence[Touch], lookbacks: Mapping[str, timedelta]
) -> dict[tuple[str, str], float]:
    """How much of the conversions of a kind each channel gets, by kind and channel."""
    found: dict[tuple[str, str], float] = defaultdict(float)
    kinds = {each.kind for each in conversions}
    by_kind = {kind: effects(kind, conversions, touches, lookbacks[kind]) for kind in kinds}
    for conversion in conversions:
        path = journey(conversion, touches)
        weights = [by_kind[conversion.kind][touch.channel] for touch in path]
        for touch, weight in zip(path, weights, strict=True):
            share = weight / sum(weights) if sum(weights) else 1 / len(path)
            found[conversion.kind, touch.channel] += share
        if not path:
            found[conversion.kind, "(no touch)"] += 1
    return {key: value for key, value in found.items() if value}
