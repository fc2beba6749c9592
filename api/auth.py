"""The one place that says who may come in where: pages, API, exports and feeds alike.

Every route depends on one of the `may_…` below, or needs nobody's name (`tests/api/test_access.py` lists those). What
is not narrowed to the rows that somebody sees is closed to all who do not see every row.
"""

import secrets
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from api.bootstrap import Services
from api.credentials import given_key, given_keys, given_session
from api.csrf import GivenToken, check_token
from api.viewer import API_KEY, WRITE_KEY, Viewer, viewer_of_key, viewer_of_session
from infra.access.rights import EVERY_RIGHT, Right
from infra.errors import NotAllowed, NotPermitted

_OF_THE_API_KEY = EVERY_RIGHT - {Right.SEND}


async def services_of(request: Request) -> Services:  # async: a thread for each would cost more than all of it
    found: Services = request.app.state.services
    return found


ServicesOf = Annotated[Services, Depends(services_of)]


class Needs:
    """A right, without which nobody comes in; `narrowed` where the answer holds only rows that the viewer sees.

    What knows dealers and no contractors is not `of_contractors`, and closed to whoever sees only theirs.
    """

    def __init__(self, right: Right | None, *, narrowed: bool = False, of_contractors: bool = True) -> None:
        """None: whoever is known."""
        self.right = right
        self.narrowed = narrowed
        self.of_contractors = of_contractors

    def __call__(self, request: Request, services: ServicesOf, token: GivenToken) -> Viewer:
        """Raises `NotAllowed` where nobody known asks, `NotPermitted` where it is not theirs, `Busy` for too many."""
        viewer: Viewer | None = getattr(request.state, "viewer", None)
        if viewer is None:
            viewer = _whoever_asks(request, services)
            request.state.viewer = viewer
            if viewer.session:
                check_token(request, token, viewer.session.csrf)
            services.rates.count(viewer.session.token_hash if viewer.session else viewer.name)
        self.check(viewer)
        return viewer

    def lets_in(self, viewer: Viewer) -> bool:
        return (self.right is None or viewer.may(self.right)) and self._shows(viewer)

    def _shows(self, viewer: Viewer) -> bool:
        """Whether there is anything for the viewer."""
        return not viewer.is_limited or (self.narrowed and (self.of_contractors or viewer.seen.contractors is None))

    def check(self, viewer: Viewer) -> None:
        """Raises `NotPermitted`, with the reason."""
        if self.right and not viewer.may(self.right):
            raise NotPermitted(
                "Your role does not include this." if viewer.user else f"This key has no scope {self.right}.",
                where="role" if viewer.user else "scopes",
                help=f"Ask an administrator for the right to {RIGHTS_IN_WORDS[self.right]}.",
            )
        if not self._shows(viewer):
            raise NotPermitted(
                "This shows the whole holding, and you see a part of it.",
                where="contractors" if self.narrowed else "dealers",
                help="Open the overview or the channels: they show what is yours.",
            )


RIGHTS_IN_WORDS = {
    Right.SEND: "send events",
    Right.REPORTS: "read reports",
    Right.PERSONAL: "see personal data",
    Right.RULES: "change the rules of reports",
    Right.PLANS: "work on plans",
    Right.TASKS: "work on tasks",
    Right.SOURCES: "connect and repair sources",
    Right.USERS: "administer users and keys",
}

may_come = Needs(None, narrowed=True)
may_read = Needs(Right.REPORTS)
may_read_own = Needs(Right.REPORTS, narrowed=True)
may_read_of_dealers = Needs(Right.REPORTS, narrowed=True, of_contractors=False)
may_see_people = Needs(Right.PERSONAL)
may_see_own_people = Needs(Right.PERSONAL, narrowed=True, of_contractors=False)
may_repair = Needs(Right.SEND)
may_change_rules = Needs(Right.RULES)
may_plan = Needs(Right.PLANS, narrowed=True, of_contractors=False)
may_work = Needs(Right.TASKS, narrowed=True)
may_connect = Needs(Right.SOURCES)
may_administer = Needs(Right.USERS)


async def viewer_of(request: Request) -> Viewer:
    """Whom the route's `may_…` let in."""
    found: Viewer = request.state.viewer
    return found


ViewerOf = Annotated[Viewer, Depends(viewer_of)]


def _whoever_asks(request: Request, services: Services) -> Viewer:
    found = viewer_by_key(services, *given_keys(request)) or viewer_by_session(request, services)
    if found is None:
        raise NotAllowed(
            "The API key is missing or wrong.",
            where="Authorization",
            help="Sign in, open the admin link, or send `Authorization: Bearer <API key>`; the start prints both.",
        )
    return found


def viewer_by_key(services: Services, *given: str) -> Viewer | None:
    if any(_same(each, services.api_key) for each in given):
        return Viewer(API_KEY, _OF_THE_API_KEY)
    if any(_same(each, services.write_key) for each in given):
        return Viewer(WRITE_KEY, frozenset({Right.SEND}))
    found = next((key for each in given if each and (key := services.keys.find(each))), None)
    return viewer_of_key(found) if found else None


def viewer_by_session(request: Request, services: Services) -> Viewer | None:
    token = given_session(request)
    session = services.sessions.find(token) if token else None
    return viewer_of_session(session, services.database) if session else None


async def may_write(request: Request, services: ServicesOf) -> None:
    """Sending asks for a write key; the one of the settings needs no look into the database."""
    given = given_key(request)
    if not _same(given, services.write_key):
        await run_in_threadpool(check_write_key, services, given)


def check_write_key(services: Services, *given: str) -> str:
    """The write key among those given. Raises `NotAllowed` where there is none."""
    for each in filter(None, given):
        if _same(each, services.write_key):
            return each
        key = services.keys.find(each)
        if key and Right.SEND in key.rights:
            return each
    raise NotAllowed(
        "The write key is missing or wrong.",
        where="Authorization",
        help="Send the header `Authorization: Bearer <write key>`; the key is printed when the service starts.",
    )


def _same(given: str, wanted: str) -> bool:
    return secrets.compare_digest(given.encode(), wanted.encode())
