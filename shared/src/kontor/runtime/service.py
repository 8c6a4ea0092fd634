"""The base of Kontor's services: what each of them can be asked, and how handlers and jobs are declared."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import wraps
from typing import Any, ClassVar, TypeVar

import sqlalchemy as sa
from nameko.timer import timer

from kontor import activity, replica, telemetry
from kontor.clock import Clock, MovableClock
from kontor.core_tables import activity as activity_table
from kontor.database import Database, Tx, plain
from kontor.envelope import Event
from kontor.errors import FeatureDisabled, NotFound
from kontor.inbox import Handler
from kontor.runtime.core import ServiceCore
from kontor.runtime.events import event_queue
from kontor.runtime.wire import rpc
from kontor.secrets import Sealer
from kontor.settings import Settings

_HANDLES = "_kontor_handles"
_NEWS_PATIENCE_SECONDS = 2.0
_NEWS_POLL_SECONDS = 0.05

T = TypeVar("T")

__all__ = ["Replicated", "Service", "every", "handles", "rpc"]


def handles(*types: str) -> Callable[[Any], Any]:
    """Declare a method as handler of event types: ``def spawn(self, tx, event)``.

    It runs inside the inbox's transaction; raising makes it run again later. The method's name is stored
    with each message: renaming one orphans what waits in the inbox (a test lists the names).
    """

    def declare(method: Any) -> Any:
        setattr(method, _HANDLES, types)
        return method

    return declare


def every(*, seconds: float) -> Callable[[Any], Any]:
    """Declare a method as a job that runs in every replica; its effects are claimed in the database.

    A job that raises is logged and runs again at its next time.
    """

    def declare(method: Callable[[Any], None]) -> Any:
        @wraps(method)
        def run(self: Any) -> None:
            telemetry.bind(service=self.name, job=method.__name__)
            try:
                method(self)
            except Exception as error:  # a job has nobody to answer to but the log and its next run
                self.log.error("job failed", job=method.__name__, exc_info=error)

        return timer(interval=seconds)(run)

    return declare


class Service:
    """Base of the nameko service classes. One instance lives for one call."""

    name: ClassVar[str]
    core: Any = ServiceCore()

    @property
    def db(self) -> Database:
        return self.core.db  # type: ignore[no-any-return]

    @property
    def clock(self) -> Clock:
        return self.core.clock  # type: ignore[no-any-return]

    @property
    def settings(self) -> Settings:
        return self.core.settings  # type: ignore[no-any-return]

    @property
    def sealer(self) -> Sealer:
        return self.core.sealer  # type: ignore[no-any-return]

    @property
    def log(self) -> Any:
        return self.core.log

    @property
    def actor(self) -> dict[str, Any]:
        return dict(self.core.actor)

    def transaction(self) -> AbstractContextManager[Tx]:
        """A transaction in the name of whoever is calling."""
        return self.core.transaction()  # type: ignore[no-any-return]

    @classmethod
    def handlers(cls) -> dict[str, list[str]]:
        """The handlers' names by event type."""
        found: dict[str, list[str]] = {}
        for name in dir(cls):
            for type in getattr(getattr(cls, name), _HANDLES, ()):
                found.setdefault(type, []).append(name)
        return found

    @classmethod
    def bound_handlers(cls, core: ServiceCore) -> dict[str, dict[str, Handler]]:
        """The handlers as the inbox calls them: each call gets a fresh instance of the service."""

        def bind(name: str) -> Handler:
            def handle(tx: Tx, event: Event) -> None:
                instance = core.container.service_cls()
                for dependency in core.container.dependencies:
                    context = _HandlerContext(core.container, event)
                    setattr(instance, dependency.attr_name, dependency.get_dependency(context))
                getattr(instance, name)(tx, event)

            return handle

        return {type: {name: bind(name) for name in names} for type, names in cls.handlers().items()}

    @event_queue  # type: ignore[untyped-decorator]
    def take_event(self, message: dict[str, Any]) -> None:
        """Entry of every event; returns once the inbox has it."""
        event = Event.model_validate(message)
        telemetry.bind(
            service=self.name,
            event_id=str(event.event_id),
            event=event.type,
            deal_uuid=str(event.deal_uuid) if event.deal_uuid else None,
        )
        self.core.service.inbox.receive(event)

    @rpc
    def health(self) -> dict[str, Any]:
        """The state of the replica that happens to answer."""
        return self.core.service.health()  # type: ignore[no-any-return]

    @rpc
    def list_parked(self, *, limit: int = 100) -> list[dict[str, Any]]:
        """The messages given up after the last attempt, with reason and payload."""
        return self.core.service.inbox.parked(limit)  # type: ignore[no-any-return]

    @rpc
    def retry_parked(self, *, event_id: str, handler: str) -> dict[str, Any]:
        """Try a parked message again, now."""
        return self.core.service.inbox.retry_parked(event_id, handler)  # type: ignore[no-any-return]

    @rpc
    def discard_parked(self, *, event_id: str, handler: str, reason: str) -> dict[str, Any]:
        """Give a parked message up for good, with a reason."""
        return self.core.service.inbox.discard_parked(event_id, handler, reason, self.actor)  # type: ignore[no-any-return]

    @rpc
    def list_activity(
        self,
        *,
        record_id: str | None = None,
        deal_uuid: str | None = None,
        cursor: int | None = None,
        limit: int = 100,
    ) -> dict[str, Any]:
        """Activity entries, newest first; ``cursor`` is the last entry's ``seq`` of the page before."""
        statement = sa.select(activity_table).order_by(activity_table.c.seq.desc()).limit(limit + 1)
        if record_id is not None:
            statement = statement.where(activity_table.c.record_id == record_id)
        if deal_uuid is not None:
            statement = statement.where(activity_table.c.deal_uuid == deal_uuid)
        if cursor is not None:
            statement = statement.where(activity_table.c.seq < cursor)
        with self.transaction() as tx:
            rows = [plain(dict(row._mapping)) | {"service": self.name} for row in tx.execute(statement)]
        return {"items": rows[:limit], "next_cursor": rows[limit - 1]["seq"] if len(rows) > limit else None}

    @rpc
    def verify_activity(self) -> list[str]:
        """What is wrong with the activity log's hash chain; empty when it is whole."""
        with self.transaction() as tx:
            rows = tx.execute(sa.select(activity_table).order_by(activity_table.c.seq)).mappings().all()
        return activity.breaks([dict(row) for row in rows])

    @rpc
    def set_clock(self, *, now: str | None) -> str:
        """Move this service's clock, on all its replicas; only where ``KONTOR_DEV_CLOCK=1``."""
        if not isinstance(self.clock, MovableClock):
            raise NotFound("The clock of this installation cannot be moved.")
        self.clock.set(datetime.fromisoformat(now) if now else None)
        return self.clock.now().isoformat()

    @rpc
    def replay(self, *, since: str) -> int:
        """Publish again what was published since that moment; consumers take repeats as known."""
        count: int = self.core.service.relay.forget_since(datetime.fromisoformat(since))
        self.core.service.wake()
        return count


class _HandlerContext:
    """What a dependency may ask of a worker, for a handler that runs outside one."""

    def __init__(self, container: Any, event: Event) -> None:
        self.container = container
        self.data = {"actor": event.actor, "request_id": str(event.event_id)}


class Replicated:
    """Mixin: keeps this service's copy of customers, settings and features."""

    #: The refusals that may only mean: what the gateway has just saved has not arrived here yet.
    news_may_mend: ClassVar[tuple[type[Exception], ...]] = (FeatureDisabled,)

    def once_told(self, work: Callable[[Tx], T]) -> T:
        """Do the work in a transaction; when it misses what may be on its way here, try again for a moment."""
        deadline = time.monotonic() + _NEWS_PATIENCE_SECONDS
        while True:
            try:
                with self.transaction() as tx:  # type: ignore[attr-defined]
                    return work(tx)
            except self.news_may_mend:
                if time.monotonic() > deadline:
                    raise
            time.sleep(_NEWS_POLL_SECONDS)

    @handles("customer_changed.v1")
    def keep_customer(self, tx: Tx, event: Event) -> None:
        replica.keep_customer(tx, event)

    @handles("settings_changed.v1")
    def keep_settings(self, tx: Tx, event: Event) -> None:
        replica.keep_settings(tx, event)

    @handles("features_changed.v1")
    def keep_features(self, tx: Tx, event: Event) -> None:
        replica.keep_features(tx, event)
