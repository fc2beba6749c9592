"""An address that the application does not have: a page for people, the shape of every error for programs."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api.auth import viewer_by_session
from api.errors import error_body
from api.language import gettext as _
from api.rendering import told
from infra.errors import NotFound

_FOR_PROGRAMS = ("/api/", "/odata/", "/collect/", "/hooks/", "/v1/", "/static/")


def add_unknown_address(app: FastAPI) -> None:
    @app.exception_handler(404)
    def unknown(request: Request, error: HTTPException) -> Response:
        is_asked_for = "text/html" in request.headers.get("accept", "")
        if not is_asked_for or request.url.path.startswith(_FOR_PROGRAMS):
            return JSONResponse(error_body("http_error", str(error.detail)), error.status_code, error.headers)
        request.state.viewer = viewer_by_session(request, request.app.state.services)
        return told(
            request,
            NotFound(_("There is no page at this address."), help=_("It may have been cut when it was copied.")),
        )
