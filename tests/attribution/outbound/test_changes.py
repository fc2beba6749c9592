"""What happens to conversions after they were handed over, and to those that may not or cannot be."""

from datetime import timedelta
from typing import Any

import pytest

from tests.attribution.outbound.fakes import FakeGoogle
from tests.attribution.outbound.handing import LATE, Handing
from tests.attribution.world import World, lead, profile, stage, visit

_HALF_AN_HOUR = timedelta(minutes=31)
CLICKS = {"yclid": "7", "gclid": "g", "fbclid": "f"}


def sell(world: World) -> None:
    world.tell({
        "touches": [visit("t", "v", LATE, click_ids=CLICKS)],
        "deals": [stage("d", "sale", LATE + 1, visitor_id="v", amount=100, margin="12.50")],
    })  # fmt: skip
    world.attribute()


def say(handing: Handing, reached: str, days: float, **fields: Any) -> None:
    handing.world.wait()
    handing.world.tell({"deals": [stage("d", reached, days, **fields)]})
    handing.world.attribute()


def accept(handing: Handing, google: FakeGoogle) -> None:
    google.statuses = {"7001": {"requestStatus": "SUCCESS"}}
    handing.clock.advance(_HALF_AN_HOUR)
    assert handing.send("google") == ""


def worth(google: FakeGoogle) -> float | None:
    (event,) = google.conversions.values()
    value: float | None = event.get("conversionValue")
    return value


def test_google_is_told_of_changes_and_the_ledger_says_what_metrica_does_not_know(handing: Handing) -> None:
    """A corrected amount, a cancellation and a sale won again: what Metrica was told cannot be corrected."""
    sell(handing.world)
    with handing.system("google") as google, handing.system("metrica") as metrica:
        assert handing.send("google") == handing.send("metrica") == ""
        assert worth(google) == 100
        metrica.uploads[100]["status"] = "PROCESSED"
        accept(handing, google)
        assert handing.send("metrica") == ""
        assert handing.states("google") == handing.states("metrica") == {"sale:d": "accepted"}

        say(handing, "contract", LATE + 1.5, amount=120)
        assert handing.send("google") == handing.send("metrica") == ""
        assert worth(google) == 120
        assert handing.told("metrica") == {"sale:d": ("outdated", "the value has changed since")}
        accept(handing, google)

        say(handing, "lost", LATE + 2)
        assert [(plan.state, plan.reason) for plan in handing.preview("google")] == [("planned", "cancelled since")]
        assert handing.send("google") == handing.send("metrica") == ""
        assert worth(google) == 0
        (event,) = google.conversions.values()
        assert event["adIdentifiers"] == {"gclid": "g"}
        assert handing.told("metrica") == {"sale:d": ("outdated", "cancelled since")}
        accept(handing, google)
        assert handing.states("google") == {"sale:d": "accepted"}

        say(handing, "sale", LATE + 3, amount=130)
        assert handing.send("google") == ""
        assert worth(google) == 130
        assert len(google.bodies) == 4

        say(handing, "contract", LATE + 3.5, amount=100)
        assert handing.send("metrica") == ""
        assert handing.told("metrica") == {"sale:d": ("accepted", "")}
        assert len(metrica.rows()) == 1


def test_a_sale_that_is_cancelled_before_it_was_handed_over_never_is(handing: Handing) -> None:
    sell(handing.world)
    with handing.system("meta", access_token="expired") as meta:
        assert handing.send("meta")
        say(handing, "lost", LATE + 2)
        assert handing.send("meta") == ""
        assert handing.told("meta") == {"sale:d": ("skipped", "no longer a conversion")}
        assert meta.bodies == []


def test_conversions_before_the_first_day_are_none_of_the_destination(kept: Handing) -> None:
    kept.world.hold(sell)
    with kept.system("meta", since="2026-06-27"):
        assert kept.preview("meta") == []
    with kept.system("meta", since="2026-06-26"):
        assert [plan.state for plan in kept.preview("meta")] == ["planned"]


@pytest.mark.parametrize(("worth", "wanted"), [("revenue", 100), ("margin", 12.5), ("none", None)])
def test_a_conversion_is_worth_what_the_destination_says(kept: Handing, worth: str, wanted: float | None) -> None:
    kept.world.hold(sell)
    with kept.system("google", value=worth) as google:
        assert kept.send("google") == ""
        (event,) = google.conversions.values()
        assert event.get("conversionValue") == wanted
        assert ("currency" in event) == (wanted is not None)


def test_a_preview_writes_and_asks_nothing(kept: Handing) -> None:
    kept.world.hold(sell)
    with kept.system("meta") as meta:
        assert len(kept.preview("meta")) == 1
        assert kept.told("meta") == {}
        assert meta.bodies == []


def test_data_that_stay_in_the_country_go_to_metrica_alone(kept: Handing) -> None:
    kept.world.hold(sell)
    kept.world.set(data_stay_in_country=True, country="RU")
    for system in ("google", "meta"):
        with kept.system(system) as fake:
            assert kept.send(system) == ""
            assert kept.told(system) == {"sale:d": ("skipped", "data stay in the country")}
            assert fake.bodies == []
    with kept.system("metrica"):
        assert kept.send("metrica") == ""
        assert kept.states("metrica") == {"sale:d": "sent"}


def consent(world: World) -> None:
    """Sales to those of whom nothing was said, or a word, or several of which the last was a denial."""
    words = {
        "granted": [("granted", 1.0)],
        "denied": [("denied", 1.0)],
        "last": [("granted", 170.0), ("denied", LATE + 3), ("granted", LATE + 2)],
    }
    told = [(name, n, word, days) for name, each in words.items() for n, (word, days) in enumerate(each)]
    world.tell({
        "profiles": [
            profile(f"p-{name}-{n}", days, visitor_id=name, properties={"consent": {"ad_user_data": word}})
            for name, n, word, days in told
        ],
        "touches": [visit(f"t-{name}", name, LATE, click_ids=clicks_of(name)) for name in ("nobody", *words)],
        "deals": [stage(name, "sale", LATE + 1, visitor_id=name) for name in ("nobody", *words)],
    })  # fmt: skip
    world.attribute()


def clicks_of(name: str) -> dict[str, str]:
    return {system: f"{click}-{name}" for system, click in CLICKS.items()}


@pytest.mark.parametrize(
    ("policy", "said", "outcome"),
    [
        ("told", "nobody", ("skipped", "no consent told")),
        ("told", "granted", ("accepted", "")),
        ("told", "denied", ("skipped", "consent denied")),
        ("assumed", "nobody", ("accepted", "")),
        ("assumed", "denied", ("skipped", "consent denied")),
    ],
)
def test_consent_decides(kept: Handing, policy: str, said: str, outcome: tuple[str, str]) -> None:
    kept.world.hold(consent)
    with kept.system("meta", consent=policy):
        assert kept.send("meta") == ""
        assert kept.told("meta")[f"sale:{said}"] == outcome


def test_the_last_word_on_consent_holds(kept: Handing) -> None:
    kept.world.hold(consent)
    with kept.system("google", consent="told"):
        assert kept.send("google") == ""
        assert kept.told("google")["sale:last"] == ("skipped", "consent denied")


AGES = {
    "meta": [(175.0, "accepted"), (173.9, "skipped")],
    "metrica": [(161.0, "sent"), (159.9, "skipped")],
    "google": [(92.0, "sent"), (90.9, "skipped")],
}


def of_every_age(world: World) -> None:
    days = [each for ages in AGES.values() for each, _ in ages]
    world.tell({
        "touches": [visit(f"t{each}", f"v{each}", each - 0.5, click_ids=clicks_of(str(each))) for each in days],
        "deals": [stage(f"d{each}", "sale", each, visitor_id=f"v{each}") for each in days],
    })  # fmt: skip
    world.attribute()


@pytest.mark.parametrize("system", AGES)
def test_each_system_takes_conversions_of_a_certain_age(kept: Handing, system: str) -> None:
    kept.world.hold(of_every_age)
    with kept.system(system, since="2026-01-01"):
        assert kept.send(system) == ""
        told = kept.told(system)
        for days, outcome in AGES[system]:
            assert told[f"sale:d{days}"] == (outcome, "" if outcome != "skipped" else "too old")


def test_what_was_left_out_goes_out_once_a_click_is_known(handing: Handing) -> None:
    handing.world.tell({
        "touches": [visit("t", "v", LATE, click_ids=CLICKS)],
        "leads": [lead("l", LATE + 0.5, visitor_id="v")],
        "deals": [stage("d", "sale", LATE + 1)],
    })  # fmt: skip
    handing.world.attribute()
    with handing.system("meta", conversions='{"sale": "Purchase"}'):
        assert handing.send("meta") == ""
        assert handing.told("meta") == {"sale:d": ("skipped", "no click id or contact")}
        say(handing, "contract", LATE + 1, lead_id="l")
        assert handing.send("meta") == ""
        assert handing.told("meta") == {"sale:d": ("accepted", "")}
