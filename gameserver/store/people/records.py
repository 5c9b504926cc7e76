"""One call into the hall as bytes, and back.

A record is a MessagePack list:

    [now, wall_ms, entropy, tokens, check, call, objects]

``now`` is the hall's time in seconds, ``wall_ms`` Unix time in milliseconds, ``entropy`` the bytes
for the call's random values, ``tokens`` the hashes of the resume tokens that it issued, ``check``
the `check_of` its outcome, and ``call`` and ``objects`` the call itself, see
`gameserver.rooms.packed`.

Law: no record holds a resume token, only hashes of tokens (threat 21).
"""

import zlib
from typing import Any

import attrs
import msgpack

from gameserver.errors import RequestError
from gameserver.rooms.calls import Attend, Call, Moment, SignIn
from gameserver.rooms.packed import PackedClasses, Packer, Unpacker
from gameserver.rooms.state.tokens import TokenDigest, digest


@attrs.frozen
class Recorded:
    """A call that was made, in its moment, and the check of its outcome."""

    moment: Moment
    call: Call[object]
    check: int


def check_of(outcome: object, effects: int) -> int:
    """Return a number that shows whether a replayed call has led to the same.

    Args:
        outcome: The call's answer, or the exception that it raised.
        effects: Number of its effects.
    """
    code = outcome.code.value if isinstance(outcome, RequestError) else ""
    return zlib.crc32(f"{type(outcome).__name__} {code} {effects}".encode())


def pack_call(
    moment: Moment, call: Call[object], tokens: list[bytes], check: int, classes: PackedClasses
) -> bytes:
    """Return the record of a call; classes that it is the first to use are added to ``classes``.

    Raises:
        TypeError, ValueError, OverflowError: The call has a value that cannot be packed, a bug.
    """
    packer = Packer({}, classes)
    packed = packer.pack(_concealed(call))
    row = [moment.now, moment.wall_ms, moment.entropy, tokens, check, packed, packer.rows]
    data: bytes = msgpack.packb(row, unicode_errors="surrogatepass")
    return data


def unpack_call(record: bytes, classes: PackedClasses) -> Recorded:
    """Return the call of a record.

    Raises:
        ValueError: The record is damaged, or another version's program has written it.
    """
    try:
        now, wall_ms, entropy, tokens, check, packed, rows = msgpack.unpackb(
            record, unicode_errors="surrogatepass", strict_map_key=False
        )
        call: Any = _with_digest(Unpacker({}, classes, rows).unpack(packed))
        moment = Moment(now, wall_ms, entropy, tokens=tuple(tokens))
    except Exception as error:  # msgpack and a wrong shape raise many kinds, some without words
        if type(error) is ValueError:
            raise
        raise ValueError(f"a record of a call is damaged: {error!r}") from error
    return Recorded(moment, call, check)


def _concealed(call: Any) -> Any:
    """Return a call with the hash of its resume token in the token's place."""
    if isinstance(call, SignIn) and call.hello.token:
        return attrs.evolve(call, hello=attrs.evolve(call.hello, token=digest(call.hello.token)))
    if isinstance(call, Attend):
        return attrs.evolve(call, token=digest(call.token))
    return call


def _with_digest(call: Any) -> Any:
    """Mark the hash of a token as one, so that it is looked up as it is."""
    if isinstance(call, SignIn) and call.hello.token:
        token = TokenDigest(call.hello.token)
        return attrs.evolve(call, hello=attrs.evolve(call.hello, token=token))
    if isinstance(call, Attend):
        return attrs.evolve(call, token=TokenDigest(call.token))
    return call
