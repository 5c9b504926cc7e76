"""Check what an application wants to send, before anything is sent.

Law: what cannot be put into a message is refused by the same kind of error by which a server
refuses; nothing is lost, and the connection goes on.
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
    """Check one text; ``what`` begins the sentence.

    Raises:
        RequestError: It holds half a character, as a cut emoji leaves behind.
    """
    if not fits_utf8(text):
        raise RequestError(code, f"{what} holds half a character: {quoted(text)}")


def check_sendable(request: Request) -> None:
    """Check a whole request.

    Raises:
        RequestError: ``bad_params``: no message can hold it.
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
