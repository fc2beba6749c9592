"""What each built-in measure means, in the words that stand beside it."""

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "cost": "Media spend, contractors' fees and message costs, net of VAT unless set otherwise.",
    "impressions": "How often ads were shown, as spend tells it.",
    "clicks": "Clicks on ads, as spend tells them.",
    "sessions": "Visits to the site: touches of one session are one visit.",
    "leads": "Requests of a person to a dealer. Further ones within the lead window are the same lead.",
    "qualified": "Leads and deals that reached the stage “qualified”.",
    "visits": "Visits to the showroom: deals that reached the stage “visit”.",
    "sales": "Deals that reached the stage “sale”, and were not lost afterwards.",
    "service_visits": "Sales of kind “service” or “parts”.",
    "revenue": "What sales and service visits brought in.",
    "margin": "What is left of revenue before marketing, as the CRM tells it deal by deal.",
    "cpl": "What one lead costs.",
    "cpql": "What one qualified lead costs.",
    "cpv": "What one visit to the showroom costs.",
    "cps": "What one sale costs in marketing.",
    "roas": "What one unit of cost brings in revenue.",
    "drr": "The part of revenue that marketing costs.",
    "romi": "What one unit of cost brings in margin, beyond itself. At 0 it pays for itself; below, it loses money.",
    "cr_session_lead": "Of the visits to the site, the part that becomes leads.",
    "cr_lead_qualified": "Of the leads, the part that qualifies.",
    "cr_qualified_visit": "Of the qualified leads, the part that comes to the showroom.",
    "cr_visit_sale": "Of the visits to the showroom, the part that buys.",
    "cr_lead_sale": "Of the leads, the part that buys.",
}
