"""The part of the reference data that stands open to whoever does not see everything."""

from attribution.reference_document import Contractor, ReferenceDocument
from attribution.visibility import Visibility


def part_seen(document: ReferenceDocument, seen: Visibility) -> ReferenceDocument:
    """Dealers and contractors that are seen, and numbers, addresses, codes and rules of both.

    What a contractor runs, takes and claims is of all dealers: of some, only the name is told. Contractors are told
    what dealers are called, neither their weights nor which calls count for them. Rules of the account, which may name
    anybody, are left out, but for that of target calls.
    """
    sees_claims, sees_rules = seen.dealers is None, seen.contractors is None
    return ReferenceDocument(
        dealers=tuple(
            each if sees_rules else each.model_copy(update={"weight": 1.0})
            for each in document.dealers
            if seen.sees_dealer(each.id)
        ),
        contractors=tuple(
            each if sees_claims else Contractor(id=each.id, name=each.name)
            for each in document.contractors
            if seen.sees_contractor(each.id)
        ),
        tracking_numbers=tuple(each for each in document.tracking_numbers if _sees(seen, each.dealer, each.contractor)),
        tracking_addresses=tuple(
            each for each in document.tracking_addresses if _sees(seen, each.dealer, each.contractor)
        ),
        promo_codes=tuple(each for each in document.promo_codes if _sees(seen, each.dealer, each.contractor)),
        target_calls=tuple(
            each for each in document.target_calls if sees_rules and (not each.dealer or seen.sees_dealer(each.dealer))
        ),
    )


def _sees(seen: Visibility, dealer: str, contractor: str) -> bool:
    return seen.sees_dealer(dealer) and seen.sees_contractor(contractor)
