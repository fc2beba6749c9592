"""Fields of CRM cards: codes that customers named."""

from zoneinfo import ZoneInfo

from collectors.sources.source import Source
from collectors.tracker.codes import number_of
from collectors.vendors.card_fields import CardFields

SOURCE = Source("crm", "amocrm", "t", ZoneInfo("UTC"))


def test_codes_that_customers_named_become_properties() -> None:
    card = CardFields([("Код визита", "10 017"), ("Промокод", "ЛЕТО24"), ("roistat", "77")])
    assert card.traces() == {"visit_code": "10 017", "promo_code": "ЛЕТО24", "roistat": "77"}
    assert CardFields([("PROMOCODE", "x"), ("visit-code", "")]).traces() == {"promo_code": "x"}


def test_a_code_that_a_seller_writes_where_forms_leave_the_visitor_is_a_code() -> None:
    (code,) = [text for text in (f"1001{digit}" for digit in range(10)) if number_of(text)]
    written = CardFields([("closedloop_visit", code), ("roistat", code)])
    assert (written.visitor(SOURCE), written.traces()["visit_code"]) == (code, code)  # Roistat's number is a visitor
    assert CardFields([("closedloop_visit", code)]).visitor(SOURCE) == ""
    left = CardFields([("closedloop_visit", "v0123456789abcdef")])
    assert left.visitor(SOURCE) == "v0123456789abcdef"
    assert "visit_code" not in left.traces()
