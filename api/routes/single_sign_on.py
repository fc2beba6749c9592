"""Coming in by the company's own provider: there, and back."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.auth import ServicesOf
from api.bootstrap import Services
from api.rendering import PageRoute
from api.routes.sign_in import begin_session, within
from api.single_sign_on import Attempt, attempt_of
from infra.errors import InvalidSettings, NotFound, NotPermitted

router = APIRouter(prefix="/sign-in/single", include_in_schema=False, route_class=PageRoute)
_COOKIE = "closedloop_attempt"
_LASTING_S = 600


@router.get("")
def go_to_provider(request: Request, services: ServicesOf, next: str = "") -> Response:  # noqa: A002
    _check_set_up(services)
    address, attempt = services.single_sign_on.begin(_back(request, services), within(next))
    answer = RedirectResponse(address, 303)
    sealed = services.secret_box.close(attempt.as_secrets()).decode()
    answer.set_cookie(
        _COOKIE,
        sealed,
        max_age=_LASTING_S,
        path="/sign-in",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.get("/back")
def come_back(request: Request, services: ServicesOf) -> Response:
    """From the provider. Raises `NotPermitted` for whoever is no user here."""
    _check_set_up(services)
    attempt = _attempt(request, services)
    back = _back(request, services)
    email = services.single_sign_on.finish(f"{back}?{request.url.query}", back, attempt)
    user = services.users.came_by_single_sign_on(email)
    if user is None:
        raise NotPermitted(
            f"{email} is no user of Closed Loop.", where="email", help="Ask an administrator to add this e-mail."
        )
    answer = begin_session(request, services, user, attempt.after)
    answer.delete_cookie(_COOKIE, path="/sign-in")
    return answer


def _check_set_up(services: Services) -> None:
    if not services.single_sign_on.is_set_up:
        raise NotFound(
            "Single sign-on is not set up.", where="CLOSEDLOOP_OIDC_ISSUER", help="Sign in with a password instead."
        )


def _attempt(request: Request, services: Services) -> Attempt:
    try:
        return attempt_of(services.secret_box.open(request.cookies.get(_COOKIE, "").encode()))
    except (InvalidSettings, KeyError, ValueError):
        raise NotPermitted(
            "This browser did not begin to sign in, or began too long ago.", where="state", help="Sign in once more."
        ) from None


def _back(request: Request, services: Services) -> str:
    """Registered with the provider."""
    base = services.environment.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/sign-in/single/back"
