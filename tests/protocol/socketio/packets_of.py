"""Packets of Socket.IO as examples and by chance, for several tests."""

from hypothesis import strategies as st

from gameserver.protocol.socketio.packets import RESERVED, SocketKind, SocketPacket

EXAMPLES: list[tuple[SocketPacket, str, list[bytes]]] = [
    (SocketPacket(SocketKind.CONNECT), "0", []),
    (
        SocketPacket(SocketKind.CONNECT, "/admin", {"sid": "oSO0OpakMV_3jnilAAAA"}),
        '0/admin,{"sid":"oSO0OpakMV_3jnilAAAA"}',
        [],
    ),
    (
        SocketPacket(SocketKind.CONNECT_ERROR, "/", {"message": "Not authorized"}),
        '4{"message":"Not authorized"}',
        [],
    ),
    (SocketPacket(SocketKind.EVENT, "/", ["foo"]), '2["foo"]', []),
    (SocketPacket(SocketKind.EVENT, "/admin", ["bar"]), '2/admin,["bar"]', []),
    (
        SocketPacket(SocketKind.EVENT, "/", ["baz", b"\1\2\3\4"]),
        '51-["baz",{"_placeholder":true,"num":0}]',
        [b"\1\2\3\4"],
    ),
    (
        SocketPacket(SocketKind.EVENT, "/admin", ["baz", b"\1\2", b"\3\4"]),
        '52-/admin,["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
        [b"\1\2", b"\3\4"],
    ),
    (SocketPacket(SocketKind.EVENT, "/", ["foo"], 12), '212["foo"]', []),
    (SocketPacket(SocketKind.ACK, "/admin", ["bar"], 13), '3/admin,13["bar"]', []),
    (SocketPacket(SocketKind.ACK, "/", [], 12), "312[]", []),
    (
        SocketPacket(SocketKind.ACK, "/", ["bar", b"\1\2\3\4"], 15),
        '61-15["bar",{"_placeholder":true,"num":0}]',
        [b"\1\2\3\4"],
    ),
    (SocketPacket(SocketKind.DISCONNECT), "1", []),
    (SocketPacket(SocketKind.DISCONNECT, "/admin"), "1/admin,", []),
]
"""The packets of the document's section "Examples"; one in "Acknowledgement" from its exchanges."""

namespaces = st.just("/") | st.text(
    st.characters(codec="utf-8", exclude_characters=",\x7f", exclude_categories=["Cc"]), max_size=20
).map("/{}".format)
_numbers = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_keys = st.text(max_size=8).filter(lambda key: key != "_placeholder")
_plain = st.none() | st.booleans() | _numbers | st.text(max_size=20)


def _nested(leaves: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=4),
        max_leaves=10,
    )


values = _nested(_plain)
values_with_binary = _nested(_plain | st.binary(max_size=20))
names = st.text(max_size=20).filter(lambda name: name not in RESERVED) | _numbers
ack_ids = st.integers(0, 2**53 - 1)

events = st.builds(
    lambda namespace, name, args, ack_id: SocketPacket(
        SocketKind.EVENT, namespace, [name, *args], ack_id
    ),
    namespaces,
    names,
    st.lists(values_with_binary, max_size=4),
    st.none() | ack_ids,
)
acks = st.builds(
    SocketPacket,
    st.just(SocketKind.ACK),
    namespaces,
    st.lists(values_with_binary, max_size=4),
    ack_ids,
)
objects = st.dictionaries(_keys, values, max_size=4)
connects = st.builds(SocketPacket, st.just(SocketKind.CONNECT), namespaces, st.none() | objects)
connect_errors = st.builds(
    SocketPacket, st.just(SocketKind.CONNECT_ERROR), namespaces, objects | st.text()
)
disconnects = st.builds(SocketPacket, st.just(SocketKind.DISCONNECT), namespaces)
packets = events | acks | connects | connect_errors | disconnects
