"""The nameko class: HTTP server, inbox of all services' events, and a few jobs."""

import sys
from typing import Any

from kontor.database import Database, Tx
from kontor.envelope import Event
from kontor.errors import NotFound
from kontor.ids import derived_id
from kontor.runtime import (
    AsgiServer,
    Caller,
    Calls,
    Service,
    ServiceCore,
    every,
    handles,
    in_green_thread,
    in_real_thread,
    rpc,
)
from kontor.secrets import Sealer
from kontor.settings import Settings
from portal_gateway import bulk
from portal_gateway.accounts import admins, customer_links, customers, passwords, sessions, throttle
from portal_gateway.api import idempotency
from portal_gateway.app import create_app
from portal_gateway.business import flags, sections, seed
from portal_gateway.kernel import Kernel
from portal_gateway.projection import fold, live
from portal_gateway.settings import RPC_DEADLINE, GatewaySettings

_CLAIM_TIDY = "SELECT pg_try_advisory_xact_lock(hashtext('portal_gateway.tidy'))"


class RpcOverNameko:
    """The other services as the kernel calls them."""

    def __init__(self, calls: Calls | Caller) -> None:
        self._calls = calls

    def call(
        self,
        service: str,
        method: str,
        arguments: Any,
        *,
        actor: Any,
        request_id: str,
        seconds: float | None = None,
    ) -> Any:
        caller = self._calls.caller(actor=actor, request_id=request_id).within(seconds or RPC_DEADLINE)
        return getattr(getattr(caller, service), method)(**arguments)


def application(core: ServiceCore, calls: Calls) -> Any:
    """The ASGI application of this process; called once when the service starts."""
    prepare(core.db, core.settings)
    kernel = Kernel(
        db=core.db,
        settings=GatewaySettings.of(core.settings),
        sealer=Sealer(core.settings.secret_key),
        rpc=RpcOverNameko(calls),
        run=in_green_thread,
        heavy=in_real_thread,
    )
    app = create_app(kernel)
    core.container.spawn_managed_thread(kernel.live.listen, "live changes")
    return app


def prepare(db: Database, settings: Settings) -> None:
    """Seed what is missing and see to the first admin: from outside, or by a link printed once."""
    with db.transaction() as tx:
        seed.seed(tx)
        ready = admins.any_admin(tx)
    if ready:
        return
    if settings.admin_email and settings.admin_password:
        passwords.check(settings.admin_password, email=settings.admin_email, field="KONTOR_ADMIN_PASSWORD")
        hashed = passwords.hash_password(settings.admin_password, in_real_thread)
        with db.transaction() as tx:
            admins.first(
                tx,
                derived_id("first admin", settings.admin_email.lower()),
                email=settings.admin_email,
                name="",
                language=sections.read(tx, "business_profile")["value"]["default_language"],
                password_hash=hashed,
            )
        return
    with db.transaction() as tx:
        token = admins.mint_setup_link(tx)
    if token:
        # The one place where a link is shown on the console: whoever starts the installation sets it up.
        sys.stdout.write(f"\nSet up Kontor (this link works once): {settings.public_url}/admin/setup/{token}\n\n")
        sys.stdout.flush()


class PortalGatewayService(Service):
    """People, settings, the deal timeline, and everything HTTP."""

    name = "portal_gateway"
    call = Calls()
    http = AsgiServer(None, None, application)  # type: ignore[arg-type]  # bound by nameko

    @handles(*fold.TYPES)
    def project(self, tx: Tx, event: Event) -> None:
        """Fold an event of any service into its deal."""
        fold.fold(tx, event)

    @every(seconds=1)
    def work_off(self) -> None:
        """Go on with the bulk actions that are running."""
        bulk.work(self.db, RpcOverNameko(self.call))

    @every(seconds=300)
    def tidy(self) -> None:
        """Remove what nobody can use any more: old sessions, tries, links, answers kept for repeats, pushes."""
        with self.transaction() as tx:
            if tx.execute(_CLAIM_TIDY).scalar_one():
                sessions.purge(tx)
                throttle.purge(tx)
                customer_links.purge(tx)
                idempotency.purge(tx)
                live.purge(tx)

    @rpc
    def get_customer(self, *, id: str) -> dict[str, Any]:
        """A customer's record, for operators' tools."""
        with self.transaction() as tx:
            return customers.find(tx, id)

    @rpc
    def get_settings(self, *, section: str) -> dict[str, Any]:
        """A section of the settings, or the features."""
        with self.transaction() as tx:
            if section == "features":
                return flags.read(tx)
            if section not in sections.SECTIONS:
                raise NotFound("There is no such section of the settings.")
            return sections.read(tx, section)
