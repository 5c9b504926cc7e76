"""An author's namespace, as the application uses it.

Law: a handler is a plain function, called in the order of the events; what it returns is the ack,
and an event without a handler has none, as with Socket.IO. A membership outlives its session and a
restart of the server: the client joins again by itself. Where that is refused, the membership has
ended.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from gameserver.messages.namespaces import (
    AckEmitted,
    EmitEvent,
    Emitted,
    EmittedLatest,
    JoinNamespace,
    LeaveNamespace,
    NamespaceEnded,
    NamespaceJoined,
)
from gameserver.messages.wire import Refusal

ANY: Final = "*"
"""Stands for all events without a handler; its handler gets the event's name first."""

ENDED: Final = "disconnect"
"""Stands for the end of the membership; its handler gets code and sentence."""

RESTARTED: Final = "namespace.restarted"
"""Code of the end of a membership because the server was restarted."""

HandleEvent = Callable[..., Any]


class ClientNamespace:
    """One namespace; made by `Client.namespace`."""

    def __init__(
        self,
        name: str,
        request: Callable[..., Awaitable[Any]],
        ask: Callable[[Any, Callable[[Any], None]], object],
    ) -> None:
        """Keep how requests are sent: one that waits for the answer, and one that does not."""
        self.name = name
        self.joined: bool = False
        """Whether the server let the session in."""
        self._member = False
        """Whether the application has joined, and was not put out."""
        self._request = request
        self._ask = ask
        self._auth: dict[str, Any] = {}
        self._handlers: dict[str, HandleEvent] = {}

    def on(self, event: str, handler: HandleEvent | None = None) -> Any:
        """Set the handler of an event: ``on(event, function)``, or as a decorator.

        The events ``*`` and ``disconnect`` are explained in this module.
        """

        def keep(handler: HandleEvent) -> HandleEvent:
            self._handlers[event] = handler
            return handler

        return keep if handler is None else keep(handler)

    async def join(self, auth: dict[str, Any] | None = None) -> None:
        """Enter the namespace; set the handlers before.

        Raises:
            RequestError: The author refused, or there is no such namespace.
        """
        self._auth = auth or {}
        await self._request(JoinNamespace(self.name, self._auth))
        self.joined = self._member = True

    async def leave(self) -> None:
        """Leave the namespace and its rooms."""
        self.joined = self._member = False
        await self._request(LeaveNamespace(self.name))

    async def emit(self, event: str, *args: object) -> None:
        """Send an event; returns when the server has taken it.

        Raises:
            RequestError: It was not taken.
            ValueError: A name or value cannot be sent.
        """
        await self._request(EmitEvent(self.name, event, args))

    async def emit_with_ack(self, event: str, *args: object, timeout_s: float | None = None) -> Any:
        """Send an event and wait for what its handler returns.

        Returns:
            The ack's argument; None without one, a tuple of several.

        Raises:
            RequestError: The handler refused or failed, or there is none.
            RequestTimedOutError: No ack came in time.
            ValueError: A name or value cannot be sent.
        """
        answer = await self._request(EmitEvent(self.name, event, args, ack=True), timeout_s)
        return answer.args[0] if len(answer.args) == 1 else answer.args or None

    # --- from the client --------------------------------------------------------------------------

    def happened(self, event: Emitted | NamespaceEnded) -> None:
        """Call the handler of an event, and send the ack if the server waits for it."""
        if isinstance(event, NamespaceEnded):
            if event.code == RESTARTED:
                self.session_lost()
            else:
                self._ended(event.code, event.sentence)
            return
        handler = self._handler(event.event)
        if handler is None:
            return  # an ack would say that it was handled; the author's time-out tells him
        answer = handler(*event.args)
        if event.ack:
            args = () if answer is None else answer if isinstance(answer, tuple) else (answer,)
            self._ask(AckEmitted(event.ack, args, self.name), _ignore)

    def told(self, notice: EmittedLatest) -> None:
        """Call the handler of a volatile event."""
        if handler := self._handler(notice.event):
            handler(*notice.args)

    def session_lost(self) -> None:
        """Join again in the new session."""
        self.joined = False
        if self._member:
            self._ask(JoinNamespace(self.name, self._auth), self._rejoined)

    def _rejoined(self, answer: Any) -> None:
        if isinstance(answer, Refusal):
            self._ended(answer.code, answer.sentence)
        elif isinstance(answer, NamespaceJoined):
            self.joined = self._member
        # Else no answer comes in this session; the next one joins.

    def _ended(self, code: str, sentence: str) -> None:
        self.joined = self._member = False
        if handler := self._handlers.get(ENDED):
            handler(code, sentence)

    def _handler(self, event: str) -> HandleEvent | None:
        """Return what is called with the arguments of an event, if there is anything."""
        if event in self._handlers:
            return self._handlers[event]
        return partial(self._handlers[ANY], event) if ANY in self._handlers else None


def _ignore(_answer: object) -> None:
    pass
