"""Check an application's requests before they are sent.

Law: a value that cannot be encoded raises `RequestError`, the same type as a server's refusal. The
connection and all other requests are not affected.
"""

from typing import Any

from gameserver.errors import Code, RequestError
from gameserver.ids import RequestId
from gameserver.messages.base import Request
from gameserver.messages.wire import RequestEnvelope
from gameserver.protocol.codec import encode
from gameserver.text import fits_utf8, quoted

_ANY_ID = RequestId(1)


def check_text(text: str, what: str, code: Code) -> None:
    """Check one text; ``what`` is the subject of the error's sentence.

    Raises:
        RequestError: The text holds half of a surrogate pair, as a cut emoji leaves it.
    """
    if not fits_utf8(text):
        raise RequestError(code, f"{what} holds half a character: {quoted(text)}")


def check_sendable(request: Request) -> None:
    """Check that a request can be encoded.

    Raises:
        RequestError: ``bad_params``: a value of it cannot be encoded.
    """
    try:
        encode(RequestEnvelope(_ANY_ID, request))
    except UnicodeEncodeError as error:
        text = quoted(str(error.object))
        sentence = f"{request.name}: a text holds half a character: {text}"
        raise RequestError(Code.BAD_PARAMS, sentence) from None
    except (OverflowError, ValueError, TypeError) as error:
        sentence = f"{request.name} holds a value that cannot be sent: {_first_line(error)}"
        raise RequestError(Code.BAD_PARAMS, sentence) from None


def _first_line(error: Any) -> str:
    return quoted(str(error).partition("\n")[0], 100)
