"""Attached files over HTTP: who sees what they belong to may have them, and no browser runs what is in them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import quote

from fastapi.responses import FileResponse
from sqlalchemy import Connection

from api.bootstrap import Services
from api.viewer import Viewer
from attribution.visibility import Visibility
from infra.access.rights import Right
from infra.errors import NotFound
from planning.files import StoredFile
from planning.files.media import SHOWN_IN_PLACE
from planning.funds.activity import SUBJECT as FUND_ACTIVITY
from planning.funds.activity import find_activity
from planning.work.acts import SUBJECT as ACT
from planning.work.acts import find_act
from planning.work.briefs import SUBJECT as BRIEF
from planning.work.briefs import find_brief
from planning.work.tasks import SUBJECT as TASK
from planning.work.tasks import find_task

_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"

Sees = Callable[[Services, Viewer, int], bool]


def _sees_fund_activity(services: Services, viewer: Viewer, key: int) -> bool:
    if not viewer.may(Right.REPORTS) or viewer.seen.contractors is not None:
        return False
    with suppress(NotFound), services.database.connect() as connection:
        find_activity(connection, key, viewer.seen)
        return True
    return False


def _sees_work(find: Callable[[Connection, int, Visibility], object]) -> Sees:
    """Whoever works on tasks and finds the brief, task or act."""

    def sees(services: Services, viewer: Viewer, key: int) -> bool:
        if not viewer.may(Right.TASKS):
            return False
        with suppress(NotFound), services.database.connect() as connection:
            find(connection, key, viewer.seen)
            return True
        return False

    return sees


WHO_SEES: Mapping[str, Sees] = {
    FUND_ACTIVITY: _sees_fund_activity,
    BRIEF: _sees_work(find_brief),
    TASK: _sees_work(find_task),
    ACT: _sees_work(find_act),
}
"""By the kind of what files belong to. Files of any other kind are nobody's."""


def file_for(services: Services, viewer: Viewer, key: int) -> StoredFile:
    """Raises `NotFound`, for one that is not theirs to see, too."""
    file = services.files.get(key)
    sees = WHO_SEES.get(file.subject.kind)
    if sees is None or not sees(services, viewer, file.subject.id):
        raise NotFound(f"There is no file {key}.", where="key", help="Open the page that it belongs to.")
    return file


def file_answer(services: Services, file: StoredFile) -> FileResponse:
    """Images and PDF open in place, the rest is saved. Raises `FilesUnavailable`."""
    way = "inline" if file.media_type in SHOWN_IN_PLACE else "attachment"
    headers = {
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Security-Policy": _SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return FileResponse(services.files.path(file), media_type=file.media_type, headers=headers)
