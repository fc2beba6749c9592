"""Reports on opportunities and customers say over HTTP what they say in the process."""

from typing import Any

from attribution.answer import Period
from attribution.cohorts import AGE, CohortQuestion, cohort_report
from attribution.funnel import funnel_report
from attribution.lost_leads import LostLeadsQuestion, lost_leads_report
from attribution.maturity import MaturityQuestion, Since, maturity_report
from attribution.models import Model
from attribution.open_deals import OpenDealsQuestion, open_deals_report
from attribution.opportunities import OpportunityQuestion
from tests.attribution.conftest import OpenServices
from tests.attribution.reference_opportunities import random_events
from tests.attribution.world import FIRST_DAY, LAST_DAY, World

PERIOD = Period(FIRST_DAY, LAST_DAY)


def reports(world: World) -> list[Any]:
    world.tell(random_events(31))
    world.attribute()
    warehouse, own = world.services.warehouse, world.services.settings
    opportunities = OpportunityQuestion(("dealer", "weekday"), PERIOD, Model.LINEAR)
    answers = [
        funnel_report(warehouse, opportunities, own),
        lost_leads_report(warehouse, LostLeadsQuestion(opportunities, 24, 60), own),
        open_deals_report(warehouse, OpenDealsQuestion(("stage", "dealer")), own),
        maturity_report(warehouse, MaturityQuestion(PERIOD, "week"), own),
        maturity_report(warehouse, MaturityQuestion(PERIOD, "day", Since.TOUCH, "lead"), own),
        cohort_report(warehouse, CohortQuestion(("dealer", AGE), PERIOD), own),
        cohort_report(warehouse, CohortQuestion(("month",), PERIOD, predict=True), own),
    ]
    return [(answer.subject, answer.items(), answer.totals, answer.about) for answer in answers]


def test_reports_over_http_are_the_same(open_services: OpenServices) -> None:
    found = []
    for kind in ("chdb", "http"):
        with open_services(kind) as services:
            found.append(reports(World(services)))
    assert found[0] == found[1]
    (funnel, lost, open_deals, months, touches, cells, whole) = found[0]
    leads = sum(row["reached"] for row in funnel[1] if row["stage"] == "lead")
    assert lost[2]["leads"] == months[2]["begun"] == round(leads) > 50
    assert 0 < open_deals[2]["open"] < leads
    assert touches[1] == []
    assert cells[2] == whole[2]
    assert whole[2]["sales"] > 0
