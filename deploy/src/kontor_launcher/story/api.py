"""A client of Kontor's JSON API that speaks as a program of a customer would."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import uuid4

import httpx

T = TypeVar("T")


class Problem(Exception):
    """A problem document (RFC 9457) that the API answered with."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        try:
            self.body: dict[str, Any] = response.json()
        except ValueError:
            self.body = {"detail": response.text[:500]}
        self.code = str(self.body.get("code", ""))
        self.detail = str(self.body.get("detail", ""))
        self.errors = list(self.body.get("errors") or [])
        request = response.request
        super().__init__(f"{request.method} {request.url.path}: {self.status} {self.code} {self.detail} {self.errors}")


class NotYet(Exception):
    """Something that should happen by itself did not happen in time."""


class Api:
    """Signed in as an admin, or not signed in at all (public links).

    ``patience`` is for how many seconds a request is repeated while the gateway is away or answers 503. A
    repeated POST carries the same ``Idempotency-Key``, so it does its work once.
    """

    def __init__(self, url: str, *, token: str | None = None, patience: float = 0.0, timeout: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self.patience = patience
        self._http = httpx.Client(base_url=self.url, timeout=timeout, follow_redirects=False)
        self._headers: dict[str, str] = {}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def sign_in(self, email: str, password: str) -> dict[str, Any]:
        """Open a session; unsafe requests carry its CSRF token from then on."""
        answer: dict[str, Any] = self.post("session", {"email": email, "password": password})
        self._headers["X-CSRF-Token"] = answer["csrf_token"]
        return answer

    def anonymous(self) -> Api:
        """A client without any sign-in, as a customer with a link is."""
        return Api(self.url, patience=self.patience)

    def with_timeout(self, seconds: float) -> Api:
        """The same session from a client that hangs up after that time and does not try again."""
        other = Api(self.url, timeout=seconds)
        other._headers = dict(self._headers)
        other._http.cookies = self._http.cookies
        return other

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        return self._send("GET", path, params=query).json()

    def content(self, path: str) -> bytes:
        return self._send("GET", path).content

    def page(self, path: str) -> httpx.Response:
        """A page outside the API, whatever its status."""
        return self._http.get(path)

    def post(self, path: str, body: Mapping[str, Any] | None = None, key: str | None = None) -> Any:
        """POST with an ``Idempotency-Key``: the given one, else a fresh one for this call."""
        headers = {"Idempotency-Key": key or uuid4().hex}
        return self._send("POST", path, json=dict(body or {}), headers=headers).json()

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._send("PATCH", path, json=dict(body)).json()

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._send("PUT", path, json=dict(body)).json()

    def delete(self, path: str) -> None:
        self._send("DELETE", path)

    def _send(self, method: str, path: str, headers: Mapping[str, str] | None = None, **options: Any) -> httpx.Response:
        deadline = time.monotonic() + self.patience
        while True:
            try:
                response = self._http.request(
                    method, f"/api/v1/{path}", headers=self._headers | dict(headers or {}), **options
                )
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)
                continue
            if response.status_code == 503 and time.monotonic() < deadline:
                time.sleep(0.3)
                continue
            if response.is_success:
                return response
            raise Problem(response)


def until(check: Callable[[], T | None], what: str, timeout: float = 30.0, every: float = 0.05) -> T:
    """The first answer that is not empty; `NotYet` after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise NotYet(f"not within {timeout:.0f} s: {what}")
        time.sleep(every)
