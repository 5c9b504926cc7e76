"""The base class of an author's namespace."""

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Final, TypeVar

from gameserver.namespaces.people import Crowd, NamespacePort, Participant
from gameserver.namespaces.values import check_name, check_namespace

ANY: Final = "*"
"""Event name of a handler for all events that have no handler of their own."""

HandlerT = TypeVar("HandlerT", bound=Callable[..., Awaitable[Any]])


def on(event: str) -> Callable[[HandlerT], HandlerT]:
    """Make a method the handler of an event; its arguments follow the member.

    The handler of ``"*"`` gets all events without a handler, with their name as first argument.

    Raises:
        ValueError: There can be no event of this name.
    """
    check_name(event)

    def mark(handler: HandlerT) -> HandlerT:
        handler._handles = event  # type: ignore[attr-defined]  # noqa: SLF001  read below
        return handler

    return mark


class Namespace:
    """Base of namespaces. Subclass it, set `name`, and write handlers with `on`.

    Handlers run one after the other for each member, and at the same time for different ones. What
    a handler returns is the ack: None is an ack without arguments, a tuple one with several. A
    `RefusedError` is told to the client with its code; any other exception is logged, and the
    client is told ``internal``. Nothing else ends.
    """

    name: ClassVar[str]
    """Such as ``/guild``."""
    time_limit_s: ClassVar[float] = 10.0
    """How long a handler may take; it is cancelled then."""

    ground: NamespacePort
    """What it stands on; set by the server before the first member comes."""

    def __init_subclass__(cls) -> None:
        """Find the handlers.

        Raises:
            ValueError: The name cannot be that of a namespace, or an event has two handlers.
        """
        own = [each._handles for each in vars(cls).values() if hasattr(each, "_handles")]  # noqa: SLF001
        for event in own:
            if own.count(event) > 1:
                raise ValueError(f"{cls.__name__} has two handlers of {event}")
        if "name" in cls.__dict__:
            check_namespace(cls.name)
        cls.handlers = {
            attribute._handles: name  # noqa: SLF001  set by `on`
            for base in reversed(cls.__mro__)
            for name, attribute in vars(base).items()
            if hasattr(attribute, "_handles")
        }

    handlers: ClassVar[dict[str, str]] = {}
    """Names of the methods by event."""

    # --- written by authors -----------------------------------------------------------------------

    async def admit(self, client: Participant, auth: dict[str, Any]) -> None:
        """Let a client in, or raise `RefusedError`; the client is no member yet."""

    async def joined(self, client: Participant) -> None:
        """Greet a new member."""

    async def left(self, client: Participant, reason: str) -> None:
        """Note that a member has left the namespace, or that its session has ended."""

    async def lost(self, client: Participant) -> None:
        """Note that a member has lost its connection; it stays a member, and may return."""

    async def returned(self, client: Participant) -> None:
        """Note that a member has a connection again.

        A connection that comes back before `lost` has begun is told by neither of them.
        """

    async def around(
        self, client: Participant, event: str, args: tuple[Any, ...], call_next: Callable[[], Any]
    ) -> Any:
        """Do something around each handler: middleware of this namespace alone.

        It returns the ack; ``await call_next()`` is the handler's.
        """
        del client, event, args
        return await call_next()

    # --- for authors ------------------------------------------------------------------------------

    @property
    def everybody(self) -> Crowd:
        """All members."""
        return Crowd(self.ground, self.name)

    def to(self, *rooms: str) -> Crowd:
        """Return the members of these rooms."""
        return self.everybody.to(*rooms)

    def emit(self, event: str, *args: object) -> None:
        """Send an event to all members; see `Crowd.emit`."""
        self.everybody.emit(event, *args)
