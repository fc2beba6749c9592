"""Files that are attached to people's work."""

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse

from api.auth import ServicesOf, ViewerOf, may_come
from api.files import file_answer, file_for
from api.row_ids import RowId

router = APIRouter(prefix="/api/files", dependencies=[Depends(may_come)])


@router.get("/{key}", response_class=FileResponse)
def open_file(services: ServicesOf, viewer: ViewerOf, key: RowId) -> FileResponse:
    """A version of a file, to whoever sees what it belongs to. Images and PDF open in place, the rest is saved."""
    return file_answer(services, file_for(services, viewer, key))
