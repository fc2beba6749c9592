"""Every report on opportunities and customers answers the same through each client of the warehouse."""

from attribution.answer import Period
from attribution.cohorts import AGE, CohortQuestion, cohort_report
from attribution.funnel import funnel_report
from attribution.lost_leads import LostLeadsQuestion, lost_leads_report
from attribution.maturity import MaturityQuestion, Since, maturity_report
from attribution.models import Model
from attribution.open_deals import OpenDealsQuestion, open_deals_report
from attribution.opportunities import OpportunityQuestion
from tests.attribution.reference_opportunities import random_events
from tests.attribution.world import FIRST_DAY, LAST_DAY, World

PERIOD = Period(FIRST_DAY, LAST_DAY)


def test_every_report_answers(world: World) -> None:
    world.tell(random_events(31))
    world.attribute()
    warehouse, own = world.services.warehouse, world.services.settings
    opportunities = OpportunityQuestion(("dealer", "weekday"), PERIOD, Model.LINEAR)
    leads = funnel_report(warehouse, opportunities, own).rows.query("stage == 'lead'")["reached"].sum()
    lost = lost_leads_report(warehouse, LostLeadsQuestion(opportunities), own)
    assert lost.totals["leads"] == round(leads) > 50
    open_deals = open_deals_report(warehouse, OpenDealsQuestion(("stage", "dealer")), own)
    assert 0 < open_deals.totals["open"] < leads
    months = maturity_report(warehouse, MaturityQuestion(PERIOD, "week"), own)
    assert months.totals["begun"] == round(leads)
    assert maturity_report(warehouse, MaturityQuestion(PERIOD, "day", Since.TOUCH, "lead"), own).rows.empty
    cells = cohort_report(warehouse, CohortQuestion(("dealer", AGE), PERIOD), own)
    whole = cohort_report(warehouse, CohortQuestion(("month",), PERIOD, predict=True), own)
    assert cells.totals == whole.totals
    assert whole.totals["sales"] > 0
