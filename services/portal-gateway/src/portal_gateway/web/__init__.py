"""The kernel pages and the JSON API stand on: routes, requests, responses, problems, templates."""

from portal_gateway.web.problems import Problem, problem_of
from portal_gateway.web.request import Form, Query, Request, Upload
from portal_gateway.web.response import Response, Stream
from portal_gateway.web.routing import ANYONE, SIGNED_IN, Route, Routes

__all__ = [
    "ANYONE",
    "SIGNED_IN",
    "Form",
    "Problem",
    "Query",
    "Request",
    "Response",
    "Route",
    "Routes",
    "Stream",
    "Upload",
    "problem_of",
]
