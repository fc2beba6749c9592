"""What is amiss in a process, in the reader's words."""

from api.bootstrap import Services
from api.language import gettext as _
from api.settings_view import role_names
from api.told import told
from planning.approval.people import planners
from planning.approval.process import PlanPath, Process
from planning.approval.staffing import Gap, Unstaffed, unstaffed
from planning.dimensions import known_network

_SHOWN = 5


def process_warnings(services: Services, process: Process) -> list[str]:
    """Each once, though kinds of plans share stages."""
    with services.database.connect() as connection:
        network = known_network(connection)
        people = planners(connection, network)
    stages = [stage for path in PlanPath for stage in process.of(path)]
    found = [_in_words(each) for each in unstaffed(stages, people, network)]
    return list(dict.fromkeys(found))


def _in_words(found: Unstaffed) -> str:
    title, names = told(found.stage.title), ", ".join(found.names[:_SHOWN])
    if len(found.names) > _SHOWN:
        names = _("%(names)s and %(count)s more") % {"names": names, "count": len(found.names) - _SHOWN}
    if found.gap is Gap.PERSON:
        return _("«%(stage)s» asks %(names)s, who is no active user that works on plans.") % {
            "stage": title,
            "names": names,
        }
    role = role_names()[found.stage.role] if found.stage.role else ""
    if found.gap is Gap.ROLE:
        return _("«%(stage)s» asks the role %(role)s, which no active user has.") % {"stage": title, "role": role}
    return _("«%(stage)s» asks the role %(role)s, and nobody who has it sees %(names)s.") % {
        "stage": title,
        "role": role,
        "names": names,
    }
