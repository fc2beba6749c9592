"""Stock of the sample holding: cars that last from no time to half a year, and some on their way."""

from itertools import cycle

from api.bootstrap import Services
from planning.media.months import month_of
from planning.stock.levels import ToldLevel, keep_levels

_MONTHS_OF_SALES = (2.5, 0.4, 1.2, 6.0, 1.8, 0.0, 3.0)


def stock_the_sample(services: Services) -> None:
    """One car at least of what lasts; models that are expected to sell nothing have none."""
    position, coming = services.stock_position(), month_of(services.today).after
    third = position.need.expected[:, 2] / 3
    told = [
        ToldLevel(
            dealer.id,
            model,
            max(round(sold * months), 1) if months else 0,
            {coming: round(sold)} if months < 2 and round(sold) else {},
        )
        for dealer, model, sold, months in zip(
            position.dealers, position.models, third.tolist(), cycle(_MONTHS_OF_SALES), strict=False
        )
        if sold > 0
    ]
    keep_levels(services.database, services.clock, told, services.today, author="sample")
