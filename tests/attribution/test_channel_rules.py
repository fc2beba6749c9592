"""Other channel rules: tried on history, kept in versions, taken back."""

from typing import Any

import pytest
from sqlalchemy import Engine

from attribution.channel_preview import preview_rules
from attribution.channel_rules import read_rules, rule_versions, rules_of_version
from attribution.channels import DEFAULT_RULES, ChannelRule
from attribution.models import Model
from attribution.reference import keep_channel_rules, newest_reference
from infra.clock import FrozenClock
from infra.errors import InvalidInput, NotFound
from tests.attribution.world import NOW, World, lead, spend, stage, visit

CLOCK = FrozenClock(NOW)
OTHERS = [
    {"channel": "video", "source": "yandex", "campaign": "video"},
    {"channel": "search", "source": "yandex|google"},
    {"channel": "yandex", "source": "^yandex$"},
    {"channel": "search", "click_id": "yclid"},
    {"channel": "social", "referrer": "vk"},
    {"channel": "print", "medium": "newspaper"},
    {"channel": "radio", "source": "радио"},
]


def history(world: World) -> None:
    world.tell({
        "touches": [
            visit("t1", "v1", 1, "yandex", campaign="Video-1"), visit("t2", "v2", 2, "yandex"),
            visit("t3", "v3", 3, click_ids={"yclid": "1"}), visit("t4", "v4", 4, referrer="https://vk.com/feed"),
            visit("t5", "v5", 5, "unheard"), visit("t6", "v6", 6), visit("t7", "v1", 7, "yandex"),
        ],
        "leads": [lead(f"l{n}", 8, visitor_id=f"v{n}") for n in range(1, 7)],
        "deals": [
            stage("d1", "sale", 9, visitor_id="v1", amount=10), stage("d3", "sale", 9, visitor_id="v3", amount=10),
            stage("d0", "sale", 9, amount=10),
        ],
        "spend": [
            spend("2026-01-01", "2026-01-31", 310, "yandex", campaign="Video-1"),
            spend("2026-01-01", "2026-01-01", 70, "радио", medium="offline"), spend("2026-01-01", "2026-01-01", 5),
        ],
    })  # fmt: skip
    world.attribute()


def by_channel(world: World, model: Model) -> dict[str, dict[str, float]]:
    names = ("sessions", "leads", "sales", "cost")
    found = {
        row["channel"]: {name: row[name] for name in names} for row in world.report("channel", model=model).items()
    }
    found.pop("(no touch)", None)
    found.pop("(none)", None)  # cost that names nothing is of no channel, whatever the rules
    return found


@pytest.mark.parametrize("model", [Model.LINEAR, Model.FIRST])
def test_what_is_previewed_is_what_happens(world: World, model: Model) -> None:
    history(world)
    before = by_channel(world, model)
    rules = read_rules(OTHERS)
    told = preview_rules(world.services.warehouse, DEFAULT_RULES, rules, model)
    moved = {name: dict(figures) for name, figures in before.items()}
    empty = dict.fromkeys(("sessions", "leads", "sales", "cost"), 0.0)
    for row in told.items():
        for name in empty:
            moved.setdefault(row["from"], dict(empty))[name] -= row[name]
            moved.setdefault(row["to"], dict(empty))[name] += row[name]
    world.refer(channel_rules=OTHERS)
    world.attribute()
    after = by_channel(world, model)
    for channel, figures in moved.items():
        assert after.get(channel, empty) == pytest.approx(figures, abs=1e-6), channel
    assert set(after) <= set(moved)
    nothing = preview_rules(world.services.warehouse, rules, rules, model)
    assert nothing.rows.empty
    assert nothing.totals == dict.fromkeys(("combinations", "sessions", "leads", "sales", "cost"), 0)


def test_the_preview_says_what_moves_and_what_each_rule_does(shared: World) -> None:
    shared.hold(history)
    told = preview_rules(shared.services.warehouse, DEFAULT_RULES, read_rules(OTHERS), Model.LINEAR)
    moves = {(row["from"], row["to"]): row for row in told.items()}
    video = moves["paid_search", "video"]
    assert (video["combinations"], video["sessions"], video["cost"]) == (1, 1, 310)
    assert (video["leads"], video["sales"]) == (0.5, 0.5)
    assert moves["paid_search", "search"]["sessions"] == 3  # two of yandex, one by its click id
    examples = [each for each in told.about["examples"] if each["to"] == "video"]
    assert examples == [{
        "from": "paid_search", "to": "video", "source": "yandex", "medium": "cpc", "campaign": "Video-1",
        "click_ids": "", "referrer": "",
    }]  # fmt: skip
    uses = [
        (each["channel"], each["use"], each["matched"], each["taken"], each["shadowed_by"])
        for each in told.about["rules"]
    ]
    assert uses == [
        ("video", "used", 1, 1, None), ("search", "used", 2, 1, None), ("yandex", "shadowed", 2, 0, 2),
        ("search", "used", 1, 1, None), ("social", "used", 1, 1, None), ("print", "never", 0, 0, None),
        ("radio", "used", 1, 1, None),
    ]  # fmt: skip
    unmatched = told.about["unmatched"]
    assert (unmatched["before"]["sessions"], unmatched["after"]["sessions"]) == (1, 1)
    assert (unmatched["before"]["cost"], unmatched["after"]["cost"]) == (0, 0)


def test_a_preview_keeps_nothing(shared: World) -> None:
    shared.hold(history)
    marks = newest_reference(shared.services.database)
    preview_rules(shared.services.warehouse, DEFAULT_RULES, read_rules(OTHERS))
    assert newest_reference(shared.services.database) == marks
    assert [each.version for each in rule_versions(shared.services.database)] == [0]


def test_brand_search_and_retargeting_stand_apart_by_default(world: World) -> None:
    world.tell({
        "touches": [
            visit("t1", "v1", 1, "yandex", campaign="brand_moscow"), visit("t2", "v2", 1, "google", campaign="Бренд"),
            visit("t3", "v3", 1, "yandex", campaign="generic"), visit("t4", "v4", 1, "yandex", campaign="retarget-30d"),
            visit("t5", "v5", 1, "vk", medium="remarketing"), visit("t6", "v6", 1, "vk", campaign="Ретаргетинг"),
        ],
    })  # fmt: skip
    world.attribute()
    assert world.figures("channel", "sessions") == {"brand_search": 2, "paid_search": 1, "retargeting": 3}


def test_a_report_says_by_which_rules_it_was_computed(world: World) -> None:
    history(world)
    assert world.report("channel").run_read.rule_version == 0
    world.refer(channel_rules=OTHERS)
    assert world.attribute().rule_version == world.report("channel").run_read.rule_version == 1


def test_rules_are_kept_in_versions_and_taken_back(database: Engine) -> None:
    rules = read_rules(OTHERS)
    assert keep_channel_rules(database, rules, author="anna", clock=CLOCK) == 1
    marks = newest_reference(database)
    assert keep_channel_rules(database, rules, author="anna", clock=CLOCK) == 1
    assert newest_reference(database) == marks
    assert keep_channel_rules(database, rules_of_version(database, 0).rules, author="boris", clock=CLOCK) == 2
    assert newest_reference(database) > marks
    told = [(each.version, each.author, each.at, len(each.rules)) for each in rule_versions(database)]
    assert told == [(2, "boris", NOW, len(DEFAULT_RULES)), (1, "anna", NOW, 7), (0, "", None, len(DEFAULT_RULES))]
    assert rules_of_version(database, 1).rules == rules
    with pytest.raises(NotFound, match="There is no version 7 of the channel rules"):
        rules_of_version(database, 7)


@pytest.mark.parametrize("told", [OTHERS, {"channel_rules": OTHERS}, {"rules": OTHERS}])
def test_rules_are_read_alone_or_in_a_document(told: Any) -> None:
    assert read_rules(told)[0] == ChannelRule("video", source="yandex", campaign="video")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ([], "There are no rules."),
        ({"dealers": []}, "The channel rules cannot be taken"),
        ([{"source": "x"}], "0.channel: "),
        ([{"channel": "x", "source": "(x"}], "0.source: '(x' is no regular expression"),
        ([{"channel": "x", "source": r"x\Z"}], r"0.source: 'x\\Z' is no regular expression"),
        ("rules", "The channel rules cannot be taken"),
    ],
)
def test_what_is_wrong_with_rules_is_said(told: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_rules(told)
    assert sentence in raised.value.message
