"""What happens to conversions after they were handed over, and to those that may not or cannot be."""

from datetime import timedelta
from typing import Any

import pytest

from tests.attribution.outbound.fakes import FakeGoogle
from tests.attribution.outbound.handing import LATE, Handing
from tests.attribution.world import lead, profile, stage, visit

_HALF_AN_HOUR = timedelta(minutes=31)
CLICKS = {"yclid": "7", "gclid": "g", "fbclid": "f"}


def sell(handing: Handing, **fields: Any) -> None:
    handing.world.tell({
        "touches": [visit("t", "v", LATE, click_ids=CLICKS)],
        "deals": [stage("d", "sale", LATE + 1, visitor_id="v", **fields)],
    })  # fmt: skip
    handing.world.attribute()


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


def test_google_is_told_a_corrected_amount_a_cancellation_and_a_sale_won_again(handing: Handing) -> None:
    sell(handing, amount=100)
    with handing.system("google") as google:
        assert handing.send("google") == ""
        assert worth(google) == 100
        accept(handing, google)
        assert handing.states("google") == {"sale:d": "accepted"}

        say(handing, "contract", LATE + 1.5, amount=120)
        assert handing.send("google") == ""
        assert worth(google) == 120
        accept(handing, google)

        say(handing, "lost", LATE + 2)
        assert [(plan.state, plan.reason) for plan in handing.preview("google")] == [("planned", "cancelled since")]
        assert handing.send("google") == ""
        assert worth(google) == 0
        (event,) = google.conversions.values()
        assert event["adIdentifiers"] == {"gclid": "g"}
        accept(handing, google)
        assert handing.states("google") == {"sale:d": "accepted"}

        say(handing, "sale", LATE + 3, amount=130)
        assert handing.send("google") == ""
        assert worth(google) == 130
        assert len(google.bodies) == 4


def test_metrica_cannot_be_corrected_so_the_ledger_says_what_it_does_not_know(handing: Handing) -> None:
    sell(handing, amount=100)
    with handing.system("metrica") as metrica:
        assert handing.send("metrica") == ""
        metrica.uploads[100]["status"] = "PROCESSED"
        handing.clock.advance(_HALF_AN_HOUR)
        assert handing.send("metrica") == ""

        say(handing, "contract", LATE + 1.5, amount=120)
        assert handing.send("metrica") == ""
        assert handing.told("metrica") == {"sale:d": ("outdated", "the value has changed since")}

        say(handing, "lost", LATE + 2)
        assert handing.send("metrica") == ""
        assert handing.told("metrica") == {"sale:d": ("outdated", "cancelled since")}

        say(handing, "sale", LATE + 3, amount=100)
        assert handing.send("metrica") == ""
        assert handing.told("metrica") == {"sale:d": ("accepted", "")}
        assert len(metrica.rows()) == 1


def test_a_sale_that_is_cancelled_before_it_was_handed_over_never_is(handing: Handing) -> None:
    sell(handing, amount=100)
    with handing.system("meta", access_token="expired") as meta:
        assert handing.send("meta")
        say(handing, "lost", LATE + 2)
        assert handing.send("meta") == ""
        assert handing.told("meta") == {"sale:d": ("skipped", "no longer a conversion")}
        assert meta.bodies == []


def test_data_that_stay_in_the_country_go_to_metrica_alone(handing: Handing) -> None:
    sell(handing, amount=100)
    handing.world.set(data_stay_in_country=True, country="RU")
    for system in ("google", "meta"):
        with handing.system(system) as fake:
            assert handing.send(system) == ""
            assert handing.told(system) == {"sale:d": ("skipped", "data stay in the country")}
            assert fake.bodies == []
    with handing.system("metrica"):
        assert handing.send("metrica") == ""
        assert handing.states("metrica") == {"sale:d": "sent"}


@pytest.mark.parametrize(
    ("policy", "said", "outcome"),
    [
        ("told", "", ("skipped", "no consent told")),
        ("told", "granted", ("accepted", "")),
        ("told", "denied", ("skipped", "consent denied")),
        ("assumed", "", ("accepted", "")),
        ("assumed", "denied", ("skipped", "consent denied")),
    ],
)
def test_consent_decides(handing: Handing, policy: str, said: str, outcome: tuple[str, str]) -> None:
    told = {"consent": {"ad_user_data": said}} if said else {}
    handing.world.tell({"profiles": [profile("p", 1, visitor_id="v", properties=told)]})
    sell(handing)
    with handing.system("meta", consent=policy):
        assert handing.send("meta") == ""
        assert handing.told("meta") == {"sale:d": outcome}


def test_the_last_word_on_consent_holds(handing: Handing) -> None:
    words = [("granted", 170.0), ("denied", LATE + 3), ("granted", LATE + 2)]
    handing.world.tell({
        "profiles": [
            profile(f"p{n}", days, visitor_id="v", properties={"consent": {"ad_user_data": word}})
            for n, (word, days) in enumerate(words)
        ],
    })  # fmt: skip
    sell(handing)
    with handing.system("google", consent="told"):
        assert handing.send("google") == ""
        assert handing.told("google") == {"sale:d": ("skipped", "consent denied")}


@pytest.mark.parametrize(
    ("system", "days", "outcome"),
    [
        ("meta", 175.0, "accepted"), ("meta", 173.9, "skipped"),
        ("metrica", 161.0, "sent"), ("metrica", 159.9, "skipped"),
        ("google", 92.0, "sent"), ("google", 90.9, "skipped"),
    ],
)  # fmt: skip
def test_each_system_takes_conversions_of_a_certain_age(
    handing: Handing, system: str, days: float, outcome: str
) -> None:
    handing.world.tell({
        "touches": [visit("t", "v", days - 0.5, click_ids=CLICKS)],
        "deals": [stage("d", "sale", days, visitor_id="v")],
    })  # fmt: skip
    handing.world.attribute()
    with handing.system(system, since="2026-01-01"):
        assert handing.send(system) == ""
        reason = "" if outcome != "skipped" else "too old"
        assert handing.told(system) == {"sale:d": (outcome, reason)}


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


def test_conversions_before_the_first_day_are_none_of_the_destination(handing: Handing) -> None:
    sell(handing)
    with handing.system("meta", since="2026-06-27"):
        assert handing.preview("meta") == []
    with handing.system("meta", since="2026-06-26"):
        assert [plan.state for plan in handing.preview("meta")] == ["planned"]


@pytest.mark.parametrize(("worth", "wanted"), [("revenue", 100), ("margin", 12.5), ("none", None)])
def test_a_conversion_is_worth_what_the_destination_says(handing: Handing, worth: str, wanted: float | None) -> None:
    sell(handing, amount=100, margin="12.50")
    with handing.system("google", value=worth) as google:
        assert handing.send("google") == ""
        (event,) = google.conversions.values()
        assert event.get("conversionValue") == wanted
        assert ("currency" in event) == (wanted is not None)


def test_a_preview_writes_and_asks_nothing(handing: Handing) -> None:
    sell(handing)
    with handing.system("meta") as meta:
        assert len(handing.preview("meta")) == 1
        assert handing.told("meta") == {}
        assert meta.bodies == []
