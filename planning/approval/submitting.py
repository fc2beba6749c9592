"""Submitting a version for approval, and withdrawing it."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from attribution.visibility import EVERYTHING, Visibility
from infra.clock import Clock
from infra.errors import InvalidInput, NotPermitted
from planning.approval.advancing import advance
from planning.approval.approvals import Submission, approvals_of, insert_approvals, insert_submission, submission_of
from planning.approval.figures import Lines, changed_dealers, lines_by_dealer
from planning.approval.holding import cancel_unfinished, hold_submission
from planning.approval.laying_out import Earlier, lay_out
from planning.approval.people import Person
from planning.approval.process import PlanPath
from planning.approval.process_register import process_in
from planning.dimensions import Network, known_network
from planning.lines import read_lines
from planning.measures import PLANNED
from planning.plans import Plan, PlanVersion, State, hold_draft, move, plan_with, version_with
from planning.sharing import Target, targets_of
from planning.tables import plan_versions

_SHOWN = 3


def submit(
    connection: Connection,
    version: int,
    clock: Clock,
    zone: ZoneInfo,
    *,
    author: str,
    seen: Visibility = EVERYTHING,
    accept_differences: bool = False,
) -> PlanVersion:
    """From now on it never changes, and whoever is first is asked.

    Raises `NotFound`, `Conflict` where it is no draft, `NotPermitted` where it has dealers that are not seen, and
    `InvalidInput` for one that is empty, has numbers that cannot be, or does not add up to what was shared out, unless
    that is accepted.
    """
    draft = hold_draft(connection, version)
    plan = plan_with(connection, draft.plan)
    network = known_network(connection)
    grid = read_lines(connection, version)
    lines = lines_by_dealer(grid)
    _check_seen(lines, seen)
    _check_lines(plan, lines, network)
    if not accept_differences:
        _check_sums(targets_of(connection, version, network, grid))
    about = _dealers_to_ask(connection, draft, lines)
    kept = process_in(connection)
    path = PlanPath.AMENDMENT if draft.is_amendment else PlanPath(plan.kind.value)
    submission = Submission(version, path, kept.number, kept.process.of(path))
    earlier = _earlier(connection, draft, lines)
    today = clock.now().astimezone(zone).date()
    laid_out = lay_out(version, plan, submission.stages, network, lines, about, earlier, today)
    move(connection, version, State.SUBMITTED, clock, author=author)
    insert_submission(connection, submission)
    insert_approvals(connection, laid_out)
    advance(connection, submission, plan, clock, zone, author=author)
    return version_with(connection, version)


def withdraw(connection: Connection, version: int, clock: Clock, *, person: Person, why: str = "") -> PlanVersion:
    """By whoever submitted it, or leads. Raises `NotFound`, `NotPermitted`, `Conflict` where it is not under way."""
    found = version_with(connection, version)
    if person.name != found.submitted_by and not person.leads and found.state is State.SUBMITTED:
        raise NotPermitted(
            f"{found.submitted_by} has submitted this version.",
            where="version",
            help="Ask them to withdraw it, or the marketing director.",
        )
    if found.state is State.SUBMITTED:
        hold_submission(connection, version)
    moved = move(connection, version, State.WITHDRAWN, clock, author=person.name, why=why)
    cancel_unfinished(connection, version)
    return moved


def _check_seen(lines: Mapping[str, Lines], seen: Visibility) -> None:
    if not all(seen.sees_dealer(dealer) for dealer in lines):
        raise NotPermitted(
            "This version has numbers of dealers that are not yours.",
            where="dealers",
            help="Ask the marketing director to submit it.",
        )


def _check_lines(plan: Plan, lines: Mapping[str, Lines], network: Network) -> None:
    if not lines:
        raise InvalidInput(
            "There is nothing in this version.",
            where="version",
            help="Import a table, split a number, or write into the cells; then submit it.",
        )
    if missing := sorted(set(lines) - set(network.by_id)):
        raise InvalidInput(
            f"Numbers stand for dealers that are not known any more: {', '.join(missing[:_SHOWN])}.",
            where="dealers",
            help="Enter them on the settings' page of dealers, or set their numbers to 0.",
        )
    for dealer, of_dealer in lines.items():
        place = network.by_id[dealer]
        closed = {month for month in plan.months if not place.is_open(plan.year, month)}
        month = next((month for months in of_dealer.values() for month in sorted(closed) if months[month - 1]), None)
        if month is not None:
            raise InvalidInput(
                f"{place.why_closed(plan.year, month)}, and {plan.year}-{month:02} has numbers.",
                where="dealers",
                help="Set them to 0, or share them out to others.",
            )


def _check_sums(targets: Sequence[Target]) -> None:
    wrong = [target for target in targets if target.difference]
    if not wrong:
        return
    first, measure = wrong[0], PLANNED[wrong[0].measure]
    place = " / ".join(filter(None, (first.holding, first.brand, first.dealer, first.direction))) or "the whole"
    when = f"month {first.month}" if first.month else "the year"
    more = f" {len(wrong) - 1} more differ." if len(wrong) > 1 else ""
    raise InvalidInput(
        f"{measure.title} of {place} for {when}: {measure.shown(first.value):,} was shared out, and the lines below add"
        f" up to {measure.shown(first.below):,}.{more}",
        where="accept_differences",
        help="Share the difference out, or submit it as it is by accepting the differences.",
    )


def _dealers_to_ask(connection: Connection, draft: PlanVersion, lines: Mapping[str, Lines]) -> frozenset[str]:
    """All, or those whose approved numbers change. Raises `InvalidInput` where none does."""
    if not draft.is_amendment:
        return frozenset(lines)
    its = plan_versions.c
    approved = select(its.id).where(its.plan == draft.plan, its.state == State.APPROVED.value)
    before = lines_by_dealer(read_lines(connection, connection.scalar(approved) or 0))
    changed = changed_dealers(before, lines)
    if not changed:
        raise InvalidInput(
            "This amendment changes nothing.",
            where="version",
            help="Change a number first, or leave the plan as it is.",
        )
    return changed


def _earlier(connection: Connection, draft: PlanVersion, lines: Mapping[str, Lines]) -> Earlier | None:
    """What the draft was made from, where that was decided on in part."""
    if draft.based_on is None:
        return None
    source = version_with(connection, draft.based_on)
    if source.plan != draft.plan or source.state not in (State.RETURNED, State.WITHDRAWN):
        return None
    if submission_of(connection, source.id) is None:
        return None
    before = lines_by_dealer(read_lines(connection, source.id))
    return Earlier(source.number, approvals_of(connection, source.id), changed_dealers(before, lines))
