"""The part of the service's surface for people with a personal link; nobody is signed in here."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from kontor.database import Tx
from kontor.errors import Locked, NotFound, Refusal
from kontor.runtime import Replicated, Service, rpc
from quotes import queries, use_cases
from quotes import settings as installation
from quotes.adapters import repository

T = TypeVar("T")


class Links(Replicated, Service):
    """Every call names the link's ``token`` and the ``session`` that the mailed code was exchanged for, where the
    quote was sent with a code; without it they refuse with `CodeRequired`."""

    @rpc
    def public_quote(self, *, token: str, session: str | None = None, ip: str | None = None) -> dict[str, Any]:
        """What the page behind a personal link shows; ``code_required`` and where it is mailed to before that."""

        def look(tx: Tx) -> dict[str, Any]:
            answer = queries.public(tx, token, session)
            if "quote" in answer:
                use_cases.opened(tx, token)
            return answer

        return self._by_link(ip, look)

    @rpc
    def public_request_code(self, *, token: str, ip: str | None = None) -> dict[str, Any]:
        """Have a six-digit code mailed to the customer, valid for ten minutes."""
        return self._by_link(ip, lambda tx: use_cases.request_code(tx, self.sealer, token))

    @rpc
    def public_verify_code(self, *, token: str, code: str, ip: str | None = None) -> dict[str, Any]:
        """Exchange the code for a session, which lasts twelve hours or as long as the link."""
        answer = self._by_link(ip, lambda tx: use_cases.verify_code(tx, token, code))
        if isinstance(answer, Refusal):
            raise answer
        return {"session": answer}

    @rpc
    def public_price(
        self,
        *,
        token: str,
        selection: dict[str, Any] | None = None,
        session: str | None = None,
        ip: str | None = None,
    ) -> dict[str, Any]:
        """What the selection would cost; nothing is chosen by asking."""
        return self._by_link(ip, lambda tx: use_cases.price_by_link(tx, token, selection, session))

    @rpc
    def public_accept(
        self,
        *,
        token: str,
        name: str | None = None,
        total_minor: int | None = None,
        selection: dict[str, Any] | None = None,
        message: str | None = None,
        accept_terms: bool = False,
        session: str | None = None,
        ip: str | None = None,
        user_agent: str | None = None,
    ) -> dict[str, Any]:
        """Accept through the link, for the total that was shown."""

        def answer(tx: Tx) -> dict[str, Any]:
            use_cases.accept_by_link(
                tx,
                token,
                name=name or "",
                total_minor=total_minor,
                selection=selection,
                message=message,
                accept_terms=accept_terms,
                session=session,
                ip=ip,
                user_agent=user_agent,
            )
            return queries.public(tx, token, session)

        return self._by_link(ip, answer)

    @rpc
    def public_decline(
        self,
        *,
        token: str,
        reason: str | None = None,
        session: str | None = None,
        ip: str | None = None,
        user_agent: str | None = None,
    ) -> dict[str, Any]:
        """Decline through the link."""

        def answer(tx: Tx) -> dict[str, Any]:
            use_cases.decline_by_link(tx, token, reason=reason, session=session, ip=ip, user_agent=user_agent)
            return queries.public(tx, token, session)

        return self._by_link(ip, answer)

    def _by_link(self, ip: str | None, work: Callable[[Tx], T]) -> T:
        """Work with a personal link. Wrong look-ups count per address over all replicas; too many lock it out.

        A locked address can still use links that exist.
        """
        try:
            with self.transaction() as tx:
                return work(tx)
        except NotFound:
            window = timedelta(seconds=installation.LOOK_UP_WINDOW_SECONDS)
            with self.transaction() as tx:
                oldest = repository.count_wrong_look_up(
                    tx, ip or "unknown", tx.now - window, installation.WRONG_LOOK_UPS
                )
                wait = 0 if oldest is None else max(1, -((tx.now - oldest - window) // timedelta(seconds=1)))
            if wait:
                detail = "Too many wrong links were tried from this address."
                raise Locked(detail, retry_after=wait) from None
            raise
