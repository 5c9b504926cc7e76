"""The chain around requests."""

from gameserver.errors import Code
from gameserver.ids import PlayerId, RequestId
from gameserver.messages.base import Result
from gameserver.messages.session import GetServerInfo
from gameserver.messages.wire import Answer, Refusal, RequestEnvelope, ResultEnvelope
from gameserver.service.middleware import Handler, Middleware, RequestContext, chain

CONTEXT = RequestContext(PlayerId("ann"), "127.0.0.1", "websocket")
REQUEST = RequestEnvelope(RequestId(1), GetServerInfo())


def noting(seen: list[str], name: str) -> Middleware:
    """Make a link that notes when it is entered and left."""

    def link(context: RequestContext, envelope: RequestEnvelope, call_next: Handler) -> Answer:
        seen.append(f"{name} in")
        answer = call_next(context, envelope)
        seen.append(f"{name} out")
        return answer

    return link


def handler(_context: RequestContext, envelope: RequestEnvelope) -> Answer:
    return ResultEnvelope(envelope.id, Result())


def test_the_first_middleware_is_outermost() -> None:
    seen: list[str] = []
    answer = chain([noting(seen, "a"), noting(seen, "b")], handler)(CONTEXT, REQUEST)
    assert seen == ["a in", "b in", "b out", "a out"]
    assert answer == ResultEnvelope(REQUEST.id, Result())


def test_a_middleware_may_answer_by_itself() -> None:
    seen: list[str] = []

    def closed(_context: RequestContext, envelope: RequestEnvelope, _next: Handler) -> Answer:
        return Refusal(envelope.id, Code.SERVER_FULL, "come back later")

    answer = chain([noting(seen, "a"), closed, noting(seen, "b")], handler)(CONTEXT, REQUEST)
    assert isinstance(answer, Refusal)
    assert seen == ["a in", "a out"]


def test_without_middleware_the_handler_answers() -> None:
    assert chain([], handler)(CONTEXT, REQUEST) == handler(CONTEXT, REQUEST)
