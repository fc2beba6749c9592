"""The process that ships: dealers agree, then the managers of their brands, then the marketing director."""

from infra.access.rights import UserRole
from planning.approval.process import Per, Process, Stage

_DEALERS = Stage(
    id="dealers",
    title="Dealers agree",
    role=UserRole.DEALER_MARKETER,
    per=Per.DEALER,
    days_before=15,
    escalate_to=UserRole.BRAND_MANAGER,
    instruction=(
        "Compare each month with the same month of last year, and with what your showroom can serve.\n\n"
        "**Agree** where you will be measured by these numbers. Else **send it back**: say why, and write the number "
        "that you can answer for."
    ),
    data_sources="Facts of last year from the CRM; capacity of the showroom; orders of the importer.",
    hand_over="Numbers of the dealer that its marketer answers for.",
)
_BRANDS = Stage(
    id="brands",
    title="Brand managers agree",
    role=UserRole.BRAND_MANAGER,
    per=Per.BRAND,
    after=("dealers",),
    days_before=10,
    escalate_to=UserRole.MARKETING_DIRECTOR,
    instruction="Check the sum of your brand against the importer's plan, and the shares of its dealers.",
    data_sources="The importer's plan of the brand; numbers that the dealers agreed to.",
    hand_over="Numbers of the brand, in line with the importer.",
)
_DIRECTOR = Stage(
    id="director",
    title="Marketing director approves",
    role=UserRole.MARKETING_DIRECTOR,
    after=("brands",),
    days_before=5,
    opens=("media_plan",),
    instruction="Check the whole against the budget of the year. With your agreement the plan is approved and frozen.",
    data_sources="The budget of the holding; numbers that the brands agreed to.",
    hand_over="The approved plan; media plans of its months are laid out from it.",
)


def _within(stage: Stage, days: int) -> Stage:
    """The same with a deadline of days after it opens: an amendment comes when its month has begun."""
    return stage.model_copy(update={"days_before": None, "days_after_opening": days})


_STAGES = (_DEALERS, _BRANDS, _DIRECTOR)
DEFAULT_PROCESS = Process(
    year=_STAGES,
    month=_STAGES,
    amendment=(_within(_DEALERS, 3), _within(_BRANDS, 2), _within(_DIRECTOR, 2)),
)
