"""Fields of CRM cards: codes and visit numbers that customers named."""

from zoneinfo import ZoneInfo

from collectors.sources.source import Source
from collectors.vendors.card_fields import CardFields
from collectors.visits.number import with_check_digit

SOURCE = Source("crm", "amocrm", "t", ZoneInfo("UTC"))


def test_what_customers_named_becomes_properties() -> None:
    card = CardFields([("Код визита", "123-45-62"), ("Промокод", "ЛЕТО24"), ("roistat", "77")])
    assert card.traces() == {"promo_code": "ЛЕТО24", "roistat": "77"}
    assert card.ours() == {"closedloop_number": "123-45-62"}
    assert CardFields([("PROMOCODE", "x"), ("visit-number", "")]).traces() == {"promo_code": "x"}


def test_a_number_that_a_seller_writes_where_forms_leave_the_visitor_is_a_number() -> None:
    number = with_check_digit("123456")
    card = CardFields([("closedloop_visit", number), ("roistat", number)])
    assert (card.visitor(SOURCE), card.ours()) == (number, {"closedloop_number": number})  # Roistat's is a visitor
    assert CardFields([("closedloop_visit", number)]).visitor(SOURCE) == ""
    left = CardFields([("closedloop_visit", "v0123456789abcdef")])
    assert (left.visitor(SOURCE), left.ours()) == ("v0123456789abcdef", {})
