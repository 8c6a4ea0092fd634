"""The nameko surface of contracts: decode, call the use case, encode."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from contracts import queries, settings
from contracts.adapters import repository
from contracts.domain.errors import CodeNotAvailable, ContentMismatch, CustomerUnknown, LinkUnknown
from contracts.use_cases import composing, library, sealing, sending, signing, timed, verifying
from kontor import replica
from kontor.database import Tx
from kontor.envelope import Event
from kontor.errors import FeatureDisabled, Locked
from kontor.runtime import Replicated, Service, every, handles, rpc

Json = dict[str, Any]
T = TypeVar("T")


class ContractsService(Replicated, Service):
    """Block library, contracts, signing; see README.md for the RPCs and events."""

    name = "contracts"
    news_may_mend = (CustomerUnknown, FeatureDisabled)

    # Library

    @rpc
    def list_blocks(self, *, language: str | None = None, active: bool | None = None) -> list[Json]:
        return self._as_admin(lambda tx: queries.blocks(tx, language, active))

    @rpc
    def get_block(self, *, id: str) -> Json:
        return self._as_admin(lambda tx: queries.block(tx, id))

    @rpc
    def create_block(self, *, id: str, fields: Json) -> Json:
        """A block of the studio's own; the same ``id`` again answers the one that is there."""
        return self._change_block(id, lambda tx: library.create_block(tx, id, fields))

    @rpc
    def update_block(self, *, id: str, changes: Json, version: int | None = None) -> Json:
        return self._change_block(id, lambda tx: library.update_block(tx, id, version, changes))

    @rpc
    def delete_block(self, *, id: str, version: int | None = None) -> Json:
        self._as_admin(lambda tx: library.delete_block(tx, id, version))
        return {"id": id, "deleted": True}

    @rpc
    def list_placeholders(self) -> list[Json]:
        return queries.published_placeholders()

    # Contracts

    @rpc
    def create_contract(self, *, id: str, fields: Json) -> Json:
        """A draft; the same ``id`` again answers the record that is there."""
        return self._change(id, lambda tx: composing.create_contract(tx, id, fields))

    @rpc
    def get_contract(self, *, id: str) -> Json:
        with self.transaction() as tx:
            return queries.record(tx, id)

    @rpc
    def list_contracts(
        self,
        *,
        state: str | Sequence[str] | None = None,
        customer_id: str | None = None,
        deal_uuid: str | None = None,
        q: str | None = None,
        sort: str = "-created",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Json:
        with self.transaction() as tx:
            return queries.page(
                tx,
                state=state,
                customer_id=customer_id,
                deal_uuid=deal_uuid,
                q=q,
                sort=sort,
                cursor=cursor,
                limit=limit,
            )

    @rpc
    def update_contract(self, *, id: str, changes: Json, version: int | None = None) -> Json:
        return self._change(id, lambda tx: composing.update_contract(tx, id, version, changes))

    @rpc
    def delete_contract(self, *, id: str, version: int | None = None) -> Json:
        self._as_admin(lambda tx: composing.delete_contract(tx, id, version))
        return {"id": id, "deleted": True}

    @rpc
    def review_contract(self, *, id: str) -> Json:
        """What would be sent, its problems, and the hash to send it with."""
        return self._as_admin(lambda tx: sending.review_contract(tx, id))

    @rpc
    def send_contract(self, *, id: str, review_hash: str, version: int | None = None) -> Json:
        return self._change(id, lambda tx: sending.send_contract(tx, self.sealer, id, review_hash, version))

    @rpc
    def withdraw_contract(self, *, id: str, reason: str = "") -> Json:
        return self._change(id, lambda tx: sending.withdraw_contract(tx, id, reason))

    @rpc
    def revise_contract(self, *, id: str, new_id: str) -> Json:
        """A new draft from a withdrawn, declined or expired contract."""
        return self._change(new_id, lambda tx: composing.revise_contract(tx, id, new_id))

    @rpc
    def countersign_contract(self, *, id: str, name: str, signature_png: str) -> Json:
        """The issuer's signature; the record is ``sealing`` until the final PDF is stored."""
        with self._alarming():
            return self._change(id, lambda tx: sealing.countersign_contract(tx, id, name, signature_png))

    @rpc
    def cancel_contract(self, *, id: str, reason: str) -> Json:
        return self._change(id, lambda tx: sealing.cancel_contract(tx, id, reason))

    @rpc
    def verify_contract(self, *, id: str) -> list[Json]:
        """Per item of the evidence: ok, failed or not_applicable, with the reason. Itself logged."""
        return self._as_admin(lambda tx: verifying.verify_contract(tx, id))

    @rpc
    def signing_log(self, *, id: str) -> list[Json]:
        with self.transaction() as tx:
            return queries.signing_log(tx, id)

    @rpc
    def snapshot(self, *, id: str) -> Json:
        with self.transaction() as tx:
            return queries.snapshot(tx, id)

    @rpc
    def verify_numbers(self) -> Json:
        with self.transaction() as tx:
            return queries.verify_numbers(tx)

    # Signers, by personal link or signed in to the portal

    @rpc
    def public_contract(self, *, token: str, session: str | None = None, ip: str | None = None) -> Json:
        """The signing page. Unknown 404, revoked or over 410; 20 wrong tokens in 15 minutes lock the address."""
        return self._by_link(token, ip, self._page)

    @rpc
    def public_code(self, *, token: str, ip: str | None = None) -> Json:
        """Refused: this version sends no codes, and no contract asks for one."""
        return self._by_link(token, ip, self._no_code)

    @rpc
    def public_verify_code(self, *, token: str, code: str, ip: str | None = None) -> Json:
        """Refused: this version sends no codes, and no contract asks for one."""
        return self._by_link(token, ip, self._no_code)

    @rpc
    def public_sign(
        self,
        *,
        token: str,
        name: str,
        method: str = "draw",
        signature_png: str = "",
        consents: Sequence[str] = (),
        session: str | None = None,
        ip: str | None = None,
        user_agent: str | None = None,
    ) -> Json:
        """One signature. Sent again it answers with what was recorded."""
        return self._by_link(
            token,
            ip,
            lambda tx, came: signing.sign(
                tx,
                self.sealer,
                came,
                name=name,
                method=method,
                signature_png=signature_png,
                consents=consents,
                user_agent=user_agent,
            ),
        )

    @rpc
    def public_sign_decline(
        self,
        *,
        token: str,
        reason: str = "",
        session: str | None = None,
        ip: str | None = None,
        user_agent: str | None = None,
    ) -> Json:
        return self._by_link(token, ip, lambda tx, came: signing.decline(tx, came, reason))

    @rpc
    def portal_contract(self, *, id: str, email: str, ip: str | None = None) -> Json:
        """As `public_contract`, for the signed-in customer who is the signer with that address."""
        with self._alarming(), self.transaction() as tx:
            return self._page(tx, signing.visit_portal(tx, id, email, ip))

    @rpc
    def portal_sign(
        self,
        *,
        id: str,
        email: str,
        name: str,
        method: str = "draw",
        signature_png: str = "",
        consents: Sequence[str] = (),
        ip: str | None = None,
        user_agent: str | None = None,
    ) -> Json:
        with self._alarming(), self.transaction() as tx:
            return signing.sign(
                tx,
                self.sealer,
                signing.visit_portal(tx, id, email, ip),
                name=name,
                method=method,
                signature_png=signature_png,
                consents=consents,
                user_agent=user_agent,
            )

    @rpc
    def portal_sign_decline(
        self, *, id: str, email: str, reason: str = "", ip: str | None = None, user_agent: str | None = None
    ) -> Json:
        with self.transaction() as tx:
            return signing.decline(tx, signing.visit_portal(tx, id, email, ip), reason)

    # Events

    @handles("customer_changed.v1")
    def keep_customer(self, tx: Tx, event: Event) -> None:
        replica.keep_customer(tx, event)
        composing.follow_customer(tx, event.data["customer"]["id"])

    @handles("quote_converted.v1")
    def spawn_contract(self, tx: Tx, event: Event) -> None:
        composing.keep_quote(tx, event.deal_uuid, event.data)

    @handles("document_stored.v1")
    def keep_document(self, tx: Tx, event: Event) -> None:
        sealing.keep_document(tx, event.data)

    @handles("document_failed.v1")
    def report_document(self, tx: Tx, event: Event) -> None:
        sealing.report_document(tx, event.data)

    # Timed jobs

    @every(seconds=settings.EXPIRE_SECONDS)
    def expire_contracts(self) -> None:
        with self.transaction() as tx:
            ids = timed.overdue(tx)
        for id in ids:
            with self.transaction() as tx:
                timed.expire(tx, id)

    @every(seconds=settings.REMIND_SECONDS)
    def remind_signers(self) -> None:
        with self.transaction() as tx:
            ids = timed.waiting(tx)
        for id in ids:
            with self.transaction() as tx:
                timed.remind_signers(tx, self.sealer, id)

    @every(seconds=settings.TIDY_SECONDS)
    def forget_wrong_links(self) -> None:
        with self.transaction() as tx:
            repository.forget_wrong_links(tx, tx.now - timedelta(days=1))

    # Inside

    def _page(self, tx: Tx, came: signing.Visit) -> Json:
        signing.view(tx, came)
        return queries.signer_page(tx, came.contract, came.row, came.signer)

    def _no_code(self, tx: Tx, came: signing.Visit) -> Json:
        raise CodeNotAvailable

    def _change(self, id: str, command: Callable[[Tx], None]) -> Json:
        """Run a command on a contract and answer with the whole record."""

        def work(tx: Tx) -> Json:
            command(tx)
            return queries.record(tx, id)

        return self._as_admin(work)

    def _change_block(self, id: str, command: Callable[[Tx], None]) -> Json:
        def work(tx: Tx) -> Json:
            command(tx)
            return queries.block(tx, id)

        return self._as_admin(work)

    def _as_admin(self, work: Callable[[Tx], T]) -> T:
        """Do an admin's work while contracts are switched on."""

        def switched_on(tx: Tx) -> T:
            replica.require_feature(tx, "contracts")
            return work(tx)

        return self.once_told(switched_on)

    def _by_link(self, token: str, ip: str | None, work: Callable[[Tx, signing.Visit], Json]) -> Json:
        """Do a signer's work. A wrong token is counted for the address in a transaction of its own."""
        try:
            with self._alarming(), self.transaction() as tx:
                return work(tx, signing.visit(tx, token, ip))
        except LinkUnknown:
            with self.transaction() as tx:
                seconds = repository.count_wrong_link(tx, ip or "unknown")
            if seconds is not None:
                detail = "Too many links that do not exist. Please try again later."
                raise Locked(detail, retry_after=seconds) from None
            raise

    @contextmanager
    def _alarming(self) -> Iterator[None]:
        """When evidence does not match, tell the admin in a transaction of its own, then refuse."""
        try:
            yield
        except ContentMismatch as mismatch:
            with self.transaction() as tx:
                signing.alarm(tx, mismatch.contract_id, mismatch.reason)
            raise
