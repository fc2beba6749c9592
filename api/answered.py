"""A report over HTTP, in the form that was asked for."""

from fastapi.responses import Response

from api.exports import ExportFormat, export
from attribution.answer import Answer
from infra.settings import Settings


def answered(answer: Answer, form: ExportFormat, settings: Settings) -> Response:
    """A file of any form but JSON is offered for download, named after the report and its groupings."""
    headers = {}
    if form is not ExportFormat.JSON:
        name = "-".join((answer.subject, *answer.names))
        headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return Response(export(answer, form, settings), media_type=form.media_type, headers=headers)
