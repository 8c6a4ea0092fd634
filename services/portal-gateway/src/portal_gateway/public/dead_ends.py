"""Links that lead nowhere: what happened and what to do next, instead of a bare status."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from kontor.errors import Refusal
from portal_gateway.public.wording import Wording
from portal_gateway.web import Problem, Request, Response, problem_of

#: Refusals that are about the link, not about what was typed into the page.
LINK_CODES = {"NOT_FOUND", "GONE", "LINK_GONE", "TOO_MANY_ATTEMPTS", "SERVICE_UNAVAILABLE", "FEATURE_DISABLED"}

Page = Callable[..., Response]


def link_page(page: Page) -> Page:
    """Let a handler of a personal link answer dead links with a page that helps."""

    @wraps(page)
    def guarded(request: Request, **parameters: Any) -> Response:
        try:
            return page(request, **parameters)
        except Refusal as refusal:
            problem = problem_of(refusal)
            if problem.code not in LINK_CODES:
                raise
            return dead_end(request, problem)

    return guarded


def dead_end(request: Request, problem: Problem) -> Response:
    """The page for a link that is unknown (404), over (410), locked out (429) or cannot be served now (503)."""
    response = request.render("public/problem.html", status=problem.status, problem=problem)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def not_accepted(request: Request, problem: Problem, sentences: dict[str, str]) -> dict[str, Any]:
    """A refusal to be shown above a form: one sentence, and links to the fields concerned.

    ``sentences`` maps codes and field names to what the reader is told in the page's language; what is not
    in it keeps the service's own words.
    """
    fields = [{"target": error.field, "message": sentences.get(error.field, error.message)} for error in problem.errors]
    messages = {field["target"]: field["message"] for field in fields}
    text = sentences.get(problem.code) or (
        Wording(request).gettext("Please check what you entered.") if fields else problem.detail
    )
    return {"text": text, "fields": fields, "of": lambda name: messages.get(name, ""), "code": problem.code}
