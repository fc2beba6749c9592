"""What the holding knows beside its events: dealers, contractors with their campaigns and fees, telephone numbers."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from collectors.sample.channels import PLACEMENTS
from collectors.sample.contractors import Claim, Contractor, Fee, contractors
from collectors.sample.holding import Holding
from collectors.sample.season import Period


def reference(holding: Holding, period: Period) -> dict[str, Any]:
    return {
        "dealers": [
            {"id": dealer.slug, "name": dealer.name, "brand": dealer.brand.name, "city": dealer.city.name}
            for dealer in holding.dealers
        ],
        "contractors": [_contractor(contractor, holding, period) for contractor in contractors(period)],
        "tracking_numbers": [
            {
                "number": dealer.line(index),
                "dealer": dealer.slug,
                **_marks(index, holding.campaigns[holding.campaign_of(index, dealer.index)].name),
                "contractor": placement.contractor,
            }
            for index, placement in enumerate(PLACEMENTS)
            if placement.static_number
            for dealer in holding.dealers
        ],
    }


def _contractor(contractor: Contractor, holding: Holding, period: Period) -> dict[str, Any]:
    return {
        "id": contractor.slug,
        "name": contractor.name,
        "campaigns": [
            _marks(campaign.placement, campaign.name)
            for campaign in holding.campaigns
            if campaign.way_in.contractor == contractor.slug
        ],
        "fees": [_fee(fee) for fee in contractor.fees],
        **(_claimed(contractor.claim, len(holding.dealers), period) if contractor.claim else {}),
    }


def _claimed(claim: Claim, dealers: int, period: Period) -> dict[str, Any]:
    return {
        "claimed_budget": str(claim.budget_per_dealer * dealers),
        "claimed_romi": claim.romi,
        "claimed_from": (period.first + timedelta(days=period.days // 2)).isoformat(),
        "claimed_to": period.last.isoformat(),
    }


def _marks(placement: int, campaign: str) -> dict[str, str]:
    return {"source": PLACEMENTS[placement].source, "medium": PLACEMENTS[placement].medium, "campaign": campaign}


def _fee(fee: Fee) -> dict[str, Any]:
    named = {
        ("from" if key == "first" else "to" if key == "last" else key): value for key, value in asdict(fee).items()
    }
    return {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in named.items()
        if value is not None
    }
