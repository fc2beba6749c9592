"""Campaigns of spend that people said are the same as campaigns of touches, though they are named otherwise."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from attribution.cost_tables import same_campaigns
from attribution.reference import note_reference_change
from attribution.visibility import EVERYTHING, Visibility
from infra.clock import Clock
from infra.errors import InvalidInput, NotFound

_LONGEST = 500
SEPARATOR = " / "


@dataclass(frozen=True, slots=True)
class CampaignNames:
    """As spend, or touches, spell them."""

    source: str
    medium: str
    campaign: str

    def __post_init__(self) -> None:
        if not (self.source or self.medium or self.campaign):
            raise InvalidInput("The names are empty.", help="Name a source, a medium or a campaign.")
        if max(len(self.source), len(self.medium), len(self.campaign)) > _LONGEST:
            raise InvalidInput(f"A name is longer than {_LONGEST} characters.")

    @classmethod
    def parse(cls, text: str, where: str) -> "CampaignNames":
        """`yandex / cpc / spring`, as reports write it. Raises `InvalidInput`."""
        parts = f" {text} ".split(SEPARATOR, 2)
        if len(parts) != 3:
            raise InvalidInput(
                f"{text!r} does not name a source, a medium and a campaign.",
                where=where,
                help='Write "yandex / cpc / spring", as the report does; a part may be empty: "yandex /  / spring".',
            )
        return cls(*(part.strip() for part in parts))

    def __str__(self) -> str:
        return SEPARATOR.join((self.source, self.medium, self.campaign))


@dataclass(frozen=True, slots=True)
class SameCampaign:
    id: int
    cost: CampaignNames
    touches: CampaignNames

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def list_same(engine: Engine, *, seen: Visibility = EVERYTHING) -> list[SameCampaign]:
    """Raises `NotPermitted`: campaigns are those of the whole holding."""
    seen.check_sees_everything("Which campaigns are the same", "The ROMI report has cost and visits by campaign.")
    with engine.connect() as connection:
        rows = connection.execute(select(same_campaigns).order_by(same_campaigns.c.id)).all()
    return [
        SameCampaign(
            row.id,
            CampaignNames(row.source, row.medium, row.campaign),
            CampaignNames(row.touch_source, row.touch_medium, row.touch_campaign),
        )
        for row in rows
    ]


def tell_same(
    engine: Engine, cost: CampaignNames, touches: CampaignNames, *, author: str, clock: Clock
) -> SameCampaign:
    """From the next run on, that spend lies with those touches. What was said of it before is replaced."""
    place = _place(cost)
    row = {
        "source": cost.source, "medium": cost.medium, "campaign": cost.campaign,
        "touch_source": touches.source, "touch_medium": touches.medium, "touch_campaign": touches.campaign,
    }  # fmt: skip
    with engine.begin() as connection:
        before = connection.execute(select(same_campaigns).where(place)).one_or_none()
        connection.execute(delete(same_campaigns).where(place))
        key = connection.execute(insert(same_campaigns).values(row)).inserted_primary_key
        was = f"{cost} = {CampaignNames(*before[4:])}" if before else ""
        note_reference_change(connection, clock, author=author, before=was, after=f"{cost} = {touches}")
    assert key is not None  # noqa: S101  # an insert of one row has one
    return SameCampaign(key[0], cost, touches)


def undo_same(engine: Engine, key: int, *, author: str, clock: Clock) -> SameCampaign:
    """From the next run on, the rules match that spend again. Raises `NotFound` where nothing has that id."""
    told = next((each for each in list_same(engine) if each.id == key), None)
    if told is None:
        raise NotFound(
            f"Nothing was said to be the same under the number {key}.",
            where="id",
            help="`closedloop same-campaigns list` shows all.",
        )
    with engine.begin() as connection:
        connection.execute(delete(same_campaigns).where(same_campaigns.c.id == key))
        note_reference_change(connection, clock, author=author, before=f"{told.cost} = {told.touches}")
    return told


def _place(cost: CampaignNames) -> Any:
    columns = same_campaigns.c
    return (columns.source == cost.source) & (columns.medium == cost.medium) & (columns.campaign == cost.campaign)
