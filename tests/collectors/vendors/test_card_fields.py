"""Fields of CRM cards: codes that customers named."""

from collectors.vendors.card_fields import CardFields


def test_codes_that_customers_named_become_properties() -> None:
    card = CardFields([("Код визита", "10 017"), ("Промокод", "ЛЕТО24"), ("roistat", "77")])
    assert card.traces() == {"visit_code": "10 017", "promo_code": "ЛЕТО24", "roistat": "77"}
    assert CardFields([("PROMOCODE", "x"), ("visit-code", "")]).traces() == {"promo_code": "x"}
