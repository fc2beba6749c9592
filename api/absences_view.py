"""What the page of absences shows."""

from typing import Any

from api.bootstrap import Services
from api.planning_people import person_asking
from api.viewer import Viewer
from planning.approval.people import planners
from planning.dimensions import known_network


def absences_view(services: Services, viewer: Viewer) -> dict[str, Any]:
    person = person_asking(services, viewer)
    with services.database.connect() as connection:
        people = [each.name for each in planners(connection, known_network(connection))]
    return {
        "absences": services.delegations.all(person),
        "people": people,
        "me": person.name,
        "leads": person.leads,
        "today": services.today,
    }
