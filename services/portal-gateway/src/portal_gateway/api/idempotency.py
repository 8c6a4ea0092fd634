"""``Idempotency-Key``: a POST that is repeated with the same key and body has one effect and one answer.

The first run claims the key in the database. A repeat waits for its answer; when the process that ran it
died, the repeat takes over after a few seconds. Taking over is safe because what a request creates has an
id derived from person and key. Answers are kept sealed for a day: some show a secret once.
"""

import hashlib
import re
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kontor import links
from kontor.database import Tx
from kontor.errors import FieldError, Invalid, Refusal
from kontor.ids import uuid7
from portal_gateway.adapters.rows import inserted
from portal_gateway.adapters.tables import answer
from portal_gateway.settings import RPC_DEADLINE
from portal_gateway.web.problems import problem_of
from portal_gateway.web.request import Request
from portal_gateway.web.response import PROBLEM, Response, json_response

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
#: After this many seconds the run that holds the key is taken for dead; longer than any call may take.
LEASE = RPC_DEADLINE + 4
PATIENCE = LEASE + 4
_KEPT_HEADERS = ("Content-Type", "ETag", "Location")


class IdempotencyKeyReused(Invalid):
    """The key belongs to another request."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self) -> None:
        message = "This Idempotency-Key was used for another request."
        super().__init__(message, errors=[FieldError("Idempotency-Key", message)])


class RequestInProgress(Refusal):
    """The first request with this key is still running."""

    code = "REQUEST_IN_PROGRESS"

    def __init__(self) -> None:
        super().__init__("The first request with this Idempotency-Key is still running.", retry_after=2)


def key_of(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise Invalid.field("Idempotency-Key", "Idempotency-Key must be 1 to 200 visible ASCII characters.")
    return key


def principal_of(request: Request) -> str:
    """Whose key it is: two people may use the same one."""
    if request.admin:
        return f"admin:{request.admin.id}"
    token = request.path_params.get("token")
    return f"link:{links.digest(token)}" if token else f"address:{request.ip}"


def once(request: Request, run: Callable[[], Response]) -> Response:
    """Run the request, or give the answer recorded for its key."""
    key = key_of(request)
    if key is None or request.route.options.get("unrecorded"):
        return run()
    principal = principal_of(request)
    facts = [request.method, request.path, request.headers.get("if-match") or ""]
    digest = hashlib.sha256(b"\0".join([fact.encode() for fact in facts] + [request.body])).hexdigest()
    mine = uuid7()
    deadline = time.monotonic() + PATIENCE
    while True:
        with request.kernel.db.transaction() as tx:
            recorded = _claim_or_read(tx, request, principal, key, digest, mine)
        if recorded is True:
            break
        if isinstance(recorded, Response):
            return recorded
        if time.monotonic() > deadline:
            raise RequestInProgress()
        time.sleep(0.05)
    return _run_and_record(request, run, principal, key, mine)


def _claim_or_read(tx: Tx, request: Request, principal: str, key: str, digest: str, mine: UUID) -> Response | bool:
    """True: the key is ours now. A response: it was answered. False: somebody else is at it."""
    claimed = inserted(
        tx,
        insert(answer).values(principal=principal, key=key, request_sha256=digest, taken=mine).on_conflict_do_nothing(),
    )
    if claimed:
        return True
    row = tx.execute(
        sa.select(
            answer, (answer.c.taken_at < sa.func.now() - sa.text(f"interval '{LEASE} seconds'")).label("dead")
        ).where(answer.c.principal == principal, answer.c.key == key)
    ).one_or_none()
    if row is None:
        return False
    if row.request_sha256 != digest:
        raise IdempotencyKeyReused()
    if row.status is not None:
        body = request.kernel.sealer.unseal(row.body_sealed)
        response = Response(body, row.status)
        response.headers.update(row.headers)
        response.headers["Idempotent-Replayed"] = "true"
        return response
    if not row.dead:
        return False
    taken_over = tx.execute(
        sa.update(answer)
        .where(answer.c.principal == principal, answer.c.key == key, answer.c.taken == row.taken)
        .values(taken=mine, taken_at=sa.func.now())
    )
    return bool(taken_over.rowcount)


def _run_and_record(request: Request, run: Callable[[], Response], principal: str, key: str, mine: UUID) -> Response:
    ours = sa.and_(answer.c.principal == principal, answer.c.key == key, answer.c.taken == mine)
    try:
        try:
            response = run()
        except Refusal as refusal:
            problem = problem_of(refusal)
            if problem.status in {401, 403, 429} or problem.status >= 500:
                raise
            response = json_response(problem.to_json(), problem.status, PROBLEM)
    except BaseException:
        # Nothing was answered that should last: the next try runs again.
        with request.kernel.db.transaction() as tx:
            tx.execute(sa.delete(answer).where(ours))
        raise
    with request.kernel.db.transaction() as tx:
        tx.execute(sa.update(answer).where(ours).values(**_recorded(request, response)))
    return response


def _recorded(request: Request, response: Response) -> dict[str, Any]:
    return {
        "status": response.status,
        "headers": {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers},
        "body_sealed": request.kernel.sealer.seal(response.body.decode()),
    }


def purge(tx: Tx) -> None:
    """Answers older than a day are forgotten; ids derived from the key keep creations single after that."""
    tx.execute("DELETE FROM answer WHERE created_at < now() - interval '1 day'")
