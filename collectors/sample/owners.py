"""The holding's customers: the mailings they get, and their visits to the workshop."""

from dataclasses import dataclass

import numpy as np

from collectors.sample.channels import DIRECT, MAILING, PLACEMENTS
from collectors.sample.files import DayFiles
from collectors.sample.holding import REMINDER, Dealer, Holding
from collectors.sample.people import Person, Register
from collectors.sample.requests import Requests, Seen, Story
from collectors.sample.season import DAY, HOUR, MINUTE, Period, date_of, day_number, midnight, opening_hours
from collectors.sample.touching import TouchWriter, Visit, moment

OWNERS_PER_DEALER = 40
_DAYS_BETWEEN_SERVICE = 300
_NEWS_DAY = 12
_SMS_PRICE, _EMAIL_PRICE = "4.20", "0.35"
_BOUNCES, _OPENS, _CLICKS, _LEAVES = 0.02, 0.24, 0.16, 0.004
_WANTS_SERVICE, _WANTS_CAR = 0.30, 0.06


@dataclass(slots=True)
class Owner:
    person: Person
    dealer: Dealer
    next_service: int
    """Day of the next visit to the workshop."""
    subscribed: bool
    touches: list[Seen]


class Owners:
    """Customers from before the period, and those who buy within it. Everything random comes from `rng`, in order."""

    def __init__(
        self, files: DayFiles, holding: Holding, requests: Requests, touches: TouchWriter, rng: np.random.Generator
    ) -> None:
        self._files = files
        self._requests = requests
        self._touches = touches
        self._rng = rng
        self._holding = holding
        self._owners: list[Owner] = []
        self._messages = 0

    def settle(self, register: Register, period: Period) -> int:
        """The customers from before. Returns how many: theirs are the first numbers of the register."""
        count = OWNERS_PER_DEALER * len(self._holding.dealers)
        for number in range(count):
            person = register.person(number, 1, account=True, email=True)
            dealer = self._holding.dealers[number % len(self._holding.dealers)]
            self.welcome(person, dealer, day_number(period.first) - int(self._rng.integers(_DAYS_BETWEEN_SERVICE)), [])
        return count

    def welcome(self, person: Person, dealer: Dealer, bought: int, touches: list[Seen]) -> None:
        wait = int(self._rng.normal(_DAYS_BETWEEN_SERVICE, 40))
        self._owners.append(Owner(person, dealer, bought + wait, bool(person.email), list(touches)))

    def live(self, day: int) -> None:
        """Mailings and workshop visits of one day."""
        if date_of(day).day == _NEWS_DAY:
            for owner in [owner for owner in self._owners if owner.subscribed]:
                self._mail(owner, day, f"news-{date_of(day):%Y-%m}")
        for owner in [owner for owner in self._owners if owner.next_service - 14 == day]:
            self._remind(owner, day)
        for owner in [owner for owner in self._owners if owner.next_service <= day]:
            self._visit_workshop(owner, _story(owner, DIRECT), midnight(day) + int(self._rng.uniform(9, 17) * HOUR))

    def _mail(self, owner: Owner, day: int, campaign: str) -> None:
        rng = self._rng
        at = midnight(day) + 10 * HOUR + int(rng.integers(0, HOUR))
        message = self._send(owner, at, campaign, "email", _EMAIL_PRICE)
        if rng.random() < _BOUNCES:
            self._tell(message, at + MINUTE, "bounced")
            owner.subscribed = False
            return
        self._tell(message, at + MINUTE, "delivered")
        if rng.random() < _OPENS:
            at += int(rng.exponential(6) * HOUR) + 2 * MINUTE
            self._tell(message, at, "opened")
            if rng.random() < _CLICKS:
                self._click(owner, message, at + MINUTE, campaign)
        if rng.random() < _LEAVES:
            self._tell(message, at + 2 * MINUTE, "unsubscribed")
            owner.subscribed = False

    def _remind(self, owner: Owner, day: int) -> None:
        """By SMS to everyone, by e-mail to the subscribed: half of the workshop's customers need it."""
        at = midnight(day) + 11 * HOUR + int(self._rng.integers(0, HOUR))
        self._tell(self._send(owner, at, REMINDER, "sms", _SMS_PRICE), at + MINUTE, "delivered")
        if owner.subscribed:
            self._mail(owner, day, REMINDER)

    def _click(self, owner: Owner, message: dict[str, str], at: int, campaign: str) -> None:
        self._tell(message, at, "clicked")
        person, dealer = owner.person, owner.dealer
        visit = Visit(at, MAILING, dealer.index, person.number, 0, bool(person.user_id), True, campaign)
        touch = self._touches.write(visit)
        if not touch:
            return
        owner.touches.append(Seen(touch, at, MAILING, person.visitors[0], campaign))
        story = _story(owner, MAILING)
        wish = self._rng.random()
        if campaign == REMINDER and wish < _WANTS_SERVICE:
            lead = self._requests.book_service(story, at + 5 * MINUTE)
            coming = opening_hours(at + int(self._rng.uniform(2, 12) * DAY), float(self._rng.random()))
            self._visit_workshop(owner, story, coming, lead)
        elif campaign != REMINDER and wish < _WANTS_CAR:
            self._requests.ask(story)

    def _visit_workshop(self, owner: Owner, story: Story, at: int, lead: str = "") -> None:
        self._requests.service(story, at, lead)
        owner.next_service = at // DAY + int(self._rng.normal(_DAYS_BETWEEN_SERVICE, 40))

    def _send(self, owner: Owner, at: int, campaign: str, channel: str, cost: str) -> dict[str, str]:
        self._messages += 1
        number = f"m-{self._messages:08d}"
        message = {"message_id": number, "person_id": owner.person.crm_id, "campaign": campaign, "channel": channel}
        self._tell(message | {"cost": cost}, at, "sent")
        return message

    def _tell(self, message: dict[str, str], at: int, event: str) -> None:
        told = {"id": f"{message['message_id']}-{event}", "occurred_at": moment(at), "event": event}
        self._files.add_event("messages", at, told | message)


def _story(owner: Owner, brought_by: int) -> Story:
    return Story(owner.person, owner.dealer, list(owner.touches), PLACEMENTS[brought_by])
