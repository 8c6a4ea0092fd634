"""Files that go out with a quote: stored as soon as they are chosen; the draft then names them."""

import base64

from kontor.errors import Invalid, Refusal
from kontor.ids import uuid7
from portal_gateway.admin.quotes import DO, PATH
from portal_gateway.admin.words import told
from portal_gateway.web import Request, Response, Routes, problem_of

routes = Routes("admin")

#: What documents takes, and room for the form around it.
MAX_BODY = 5_400_000


@routes.post(f"{PATH}/{{id:uuid}}/upload", name="admin.quote.upload", max_body=MAX_BODY, **DO)
def quote_upload(request: Request, id: str) -> Response:
    """Store one file; the draft takes it over with its next save. What is never taken over is found by its record.

    ``beside`` in the form are the files that stand in the draft already: all of them go with one mail.
    """
    form = request.form()
    upload = form.file("file")
    try:
        if upload is None:
            raise Invalid.field("file", "Please choose a file.")
        stored = request.services.documents.store_attachment(
            id=str(uuid7()),
            name=upload.name[-200:] or "file",
            content_b64=base64.b64encode(upload.data).decode(),
            record_id=id,
            beside=form.getlist("beside"),
        )
    except Refusal as refusal:
        problem = problem_of(refusal)
        if problem.status >= 500:
            raise
        return request.answer_json({"detail": told(request, problem.detail)}, problem.status)
    return request.answer_json({"document_id": stored["id"], "name": stored["name"]})
