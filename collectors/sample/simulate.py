"""Day after day of the holding's life, written as canonical events beside the truth of who was brought by what.

People begin to look for a car, visit through placements, are persuaded by one of the visits or by none, ask a dealer,
and perhaps buy. The same seed writes the same bytes. Memory holds only what is still to come of days not yet written.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import orjson

from collectors.sample.channels import PLACEMENTS
from collectors.sample.files import DayFiles
from collectors.sample.holding import MOST_DEALERS, Holding
from collectors.sample.owners import Owners
from collectors.sample.people import Register
from collectors.sample.reference import reference
from collectors.sample.requests import Requests, Seen, Story
from collectors.sample.season import HOUR, Period, day_number, day_of, midnight, months_until, pace
from collectors.sample.spending import Spending
from collectors.sample.touching import TouchWriter, Visit
from collectors.sample.visits import MOST_VISITS, Cohort, draw_cohort

SAMPLED = ("touches", "calls", "leads", "deals", "spend", "messages")
FILES = (*SAMPLED, "truth")
USUAL_TOUCHES = 280
"""Of one dealer in one month, where nobody asks for another number."""
_VISITS_PER_PERSON = 2.0
_PERSUASION, _SATURATION = 0.5, 0.4
_JUNK_PER_LEAD = 0.05
_NOBODY = 40_000_000

OnProgress = Callable[[int, int], None]
"""Called after each day with the days done and the days in all."""


def write_sample(
    out: Path,
    *,
    until: date,
    dealers: int = 60,
    months: int = 12,
    seed: int = 1,
    touches: int | None = None,
    on_progress: OnProgress = lambda *_: None,
) -> dict[str, int]:
    """Write `<family>.ndjson`, `truth.ndjson` and `reference.json` into `out`; return the lines written per file.

    The period is the `months` months up to `until`, a date in Moscow. `touches` is how many to aim for. Many more than
    usual reach colder people: fewer of them ask, and each click costs less, as with a response curve that flattens.
    """
    if not 1 <= dealers <= MOST_DEALERS or months < 1:
        raise ValueError(f"a holding has between 1 and {MOST_DEALERS} dealers, a period one month or more")
    usual = dealers * months * USUAL_TOUCHES
    wanted = touches or usual
    warmth = min(1.0, (usual / wanted) ** _SATURATION)
    out.mkdir(parents=True, exist_ok=True)
    period = months_until(until, months)
    with DayFiles(out, FILES, day_number(until)) as files:
        world = _World(files, period, dealers, seed, warmth)
        people_a_day = wanted / period.days / _VISITS_PER_PERSON
        for done in range(period.days):
            day = day_number(period.first) + done
            world.live(day, round(people_a_day * pace(day, period)))
            files.flush(day)
            on_progress(done + 1, period.days)
    (out / "reference.json").write_bytes(orjson.dumps(reference(world.holding, period), option=orjson.OPT_INDENT_2))
    return files.counts


class _World:
    """All that goes on, advanced a day at a time. Each concern draws from random numbers of its own."""

    def __init__(self, files: DayFiles, period: Period, dealers: int, seed: int, warmth: float) -> None:
        of_holding, self._of_visits, of_requests, of_spending, of_owners, self._of_junk = (
            np.random.Generator(np.random.PCG64(sequence)) for sequence in np.random.SeedSequence(seed).spawn(6)
        )
        self._persuasion = _PERSUASION * warmth
        self._register = Register(seed)
        self.holding = Holding(dealers, of_holding)
        self._touches = TouchWriter(files, self.holding, self._register)
        self._requests = Requests(files, self.holding, of_requests)
        self._spending = Spending(files, self.holding, of_spending, warmth)
        self._spending.of_months(period)
        self._owners = Owners(files, self.holding, self._requests, self._touches, of_owners)
        self._next_person = self._owners.settle(self._register, period)
        self._visits_ahead: defaultdict[int, Counter[tuple[int, int]]] = defaultdict(Counter)
        self._nobody = _NOBODY

    def live(self, day: int, newcomers: int) -> None:
        cohort = draw_cohort(self._of_visits, self.holding, day, newcomers, self._next_person, self._persuasion)
        self._next_person += newcomers
        asking = self._visit(cohort)
        self._junk(day, asking)
        self._owners.live(day)
        self._spending.of_day(day, self._visits_ahead.pop(day, Counter()))

    def _visit(self, cohort: Cohort) -> int:
        """Write the visits of all, and the requests of those who were persuaded. Returns how many these are."""
        asking = 0
        at, placements, device = cohort.at.tolist(), cohort.placements.tolist(), cohort.device.tolist()
        named, dealers, accounts = cohort.names_dealer.tolist(), cohort.dealers.tolist(), cohort.accounts.tolist()
        for index, deciding in enumerate(cohort.deciding.tolist()):
            person, dealer = cohort.first_number + index, dealers[index]
            visits = [
                Visit(
                    at[index][n],
                    placements[index][n],
                    dealer,
                    person,
                    device[index][n],
                    accounts[index],
                    named[index][n],
                )
                for n in range(MOST_VISITS)
                if placements[index][n] >= 0
            ]
            ids = [self._touches.write(visit) for visit in visits]
            for visit in visits:
                self._visits_ahead[day_of(visit.at)][visit.placement, dealer] += 1
            if deciding >= 0:
                asking += 1
                self._ask(visits, ids, deciding, int(cohort.devices[index]))
        return asking

    def _ask(self, visits: list[Visit], ids: list[str], deciding: int, devices: int) -> None:
        if not all(ids):
            return
        number, dealer = visits[0].person, self.holding.dealers[visits[0].dealer]
        person = self._register.person(number, devices, account=visits[0].account, email=number % 10 < 6)
        seen = [
            Seen(touch, visit.at, visit.placement, person.visitors[visit.device], self._campaign_of(visit))
            for touch, visit in zip(ids, visits, strict=True)
        ]
        bought = self._requests.ask(Story(person, dealer, seen, PLACEMENTS[visits[deciding].placement]))
        if bought is not None:
            self._owners.welcome(person, dealer, day_of(bought), seen)

    def _campaign_of(self, visit: Visit) -> str:
        return self.holding.campaigns[self.holding.campaign_of(visit.placement, visit.dealer)].name

    def _junk(self, day: int, asking: int) -> None:
        for _ in range(int(self._of_junk.poisson(asking * _JUNK_PER_LEAD))):
            self._nobody += 1
            phone = self._register.person(self._nobody, 1, account=False, email=False).phone
            dealer = self.holding.dealers[int(self._of_junk.integers(len(self.holding.dealers)))]
            self._requests.junk(midnight(day) + int(self._of_junk.uniform(0, 24) * HOUR), dealer, phone)
