"""Everybody at work on the same fund at once: nobody waits for ever, nothing is lost, and the sums are right."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

from infra.clock import FrozenClock
from infra.errors import Conflict, InvalidInput
from planning.desk import Desk
from planning.funds.documents import PurchaseTold, Rule
from planning.funds.ledger import Account, entries_of
from planning.funds.programme import Programme
from planning.funds.programme_register import change_programme, find_programme
from planning.funds.purchases import enter_purchases
from planning.funds.states import Act
from planning.funds.upkeep import keep_up
from tests.planning.funds.work import LADA, asked, claimed, decided

ROUNDS = 6


def test_all_at_once(desk: Desk, lada: Programme, clock: FrozenClock) -> None:
    """Rules and purchases change, the calendar is kept up, and activities go through all their steps."""
    barrier = threading.Barrier(6)

    def go_through(dealer: str) -> None:
        cost = Decimal(10_000)
        decided(desk, claimed(desk, decided(desk, asked(desk, lada.id, dealer, cost=cost), Act.APPROVE)), Act.SETTLE)

    def buy(number: int) -> None:
        told = [
            PurchaseTold(dealer=dealer, quarter="2027-Q1", amount=Decimal(9_000_000 + number))
            for dealer in (("north", "south"), ("south", "north"))[number % 2]
        ]
        enter_purchases(desk, lada.id, told, author="importer")

    def change(number: int) -> None:
        with desk.engine.connect() as connection:
            revision = find_programme(connection, lada.id).revision
        rules = (Rule(brand="Lada", percent=Decimal(2)), Rule(dealer="north", amount=Decimal(150_000 + number)))
        told = LADA.model_copy(update={"rules": rules, "name": f"Lada {number}"})
        change_programme(desk, lada.id, told, based_on=revision, author="importer")

    def repeat(act: Callable[[int], object]) -> int:
        """How often it was done, and not told to try again."""
        done = 0
        barrier.wait()
        for number in range(ROUNDS):
            try:
                act(number)
                done += 1
            except (Conflict, InvalidInput):
                continue
        return done

    acts: list[Callable[[int], object]] = [
        lambda _: go_through("north"), lambda _: go_through("south"), lambda _: go_through("north"), buy, change,
        lambda _: keep_up(desk),
    ]  # fmt: skip
    change(0)
    buy(0)
    with ThreadPoolExecutor(len(acts)) as pool:
        done = list(pool.map(repeat, acts))
    assert done[0] + done[2] == 2 * ROUNDS
    assert done[3:] == [ROUNDS] * 3
    clock.advance(timedelta(days=60))
    keep_up(desk)
    with desk.engine.connect() as connection:
        rows, _ = entries_of(connection, most=10_000)
    north = [row for row in rows if row.fund.dealer == "north"]
    settled = sum(row.amount for row in north if row.target is Account.SETTLED)
    assert settled == 2 * ROUNDS * 5_000_00
    assert len({(row.fund, row.posting, row.id) for row in rows}) == len(rows)
