"""The feed through python-odata, which builds its classes from our metadata."""

from decimal import Decimal

import pytest
from odata import ODataService
from odata.exceptions import ODataError

from tests.api.odata.feed import KEY, Feed


@pytest.fixture(scope="module")
def service(feed: Feed) -> ODataService:
    return ODataService(feed.root, auth=KEY, reflect_entities=True, quiet_progress=True)


def test_it_finds_every_set(service: ODataService) -> None:
    assert set(service.entities) == {"Facts", "Channels", "Campaigns", "Dealers", "Contractors", "Days"}


def test_it_reads_all_pages(feed: Feed, service: ODataService) -> None:
    facts = service.entities["Facts"]
    found = service.query(facts).all()
    assert [each.Day for each in found] == [row["Day"] for row in feed.rows("Facts")]
    assert service.query(facts).count() == len(found)


def test_it_filters_sorts_and_cuts(feed: Feed, service: ODataService) -> None:
    facts = service.entities["Facts"]
    query = service.query(facts)
    query = query.filter((facts.Channel == "paid_search") & (facts.Cost > 100)).filter(facts.Campaign.contains("O'B"))
    found = query.order_by(facts.Cost.desc(), facts.Day.asc()).limit(5).offset(1).all()
    told = feed.rows(
        "Facts",
        filter="Channel eq 'paid_search' and Cost gt 100 and contains(Campaign,'O''B')",
        orderby="Cost desc,Day",
    )
    assert told
    assert [(each.Day, each.Dealer, float(each.Cost)) for each in found] == [
        (row["Day"], row["Dealer"], row["Cost"]) for row in told[1:6]
    ]


def test_it_asks_for_days_from_one_to_before_another(feed: Feed, service: ODataService) -> None:
    facts = service.entities["Facts"]
    query = service.query(facts).filter("Day ge 2026-01-01T00:00:00Z").filter("Day lt 2026-03-01T00:00:00Z")
    days = [each.Day for each in query]
    assert days == [row["Day"] for row in feed.rows("Facts") if "2026-01-01" <= row["Day"] < "2026-03-01"]
    assert days


def test_it_selects(service: ODataService) -> None:
    dealers = service.entities["Dealers"]
    found = service.query(dealers).filter(dealers.City == "Тула").select(dealers.Name, dealers.Brand).all()
    assert found == [{"Name": "Юг", "Brand": "Geely"}]


def test_it_tells_what_was_wrong(service: ODataService) -> None:
    with pytest.raises(ODataError, match="There is no property 'Colour'"):
        service.query(service.entities["Facts"]).filter("Colour eq 'red'").all()


def test_money_has_all_its_digits(service: ODataService) -> None:
    costs = [each.Cost for each in service.query(service.entities["Facts"])]
    assert sum(Decimal(str(cost)) for cost in costs) == sum(round(Decimal(str(cost)), 4) for cost in costs)
