"""Of messages of which only the newest counts, one for each key waits, and few in all."""

from gameserver.transports import ListenSettings
from gameserver.transports.newest import Newest

SETTINGS = ListenSettings(newest=3, newest_bytes=10)


def taken(newest: Newest) -> list[bytes]:
    found = []
    while newest:
        found.append(newest.pop())
    return found


def test_a_newer_message_takes_the_place_of_the_one_with_its_key() -> None:
    newest = Newest(SETTINGS)
    for key, data in (("a", b"a1"), ("b", b"b1"), ("a", b"a2")):
        assert newest.put(key, data)
    assert taken(newest) == [b"a2", b"b1"]
    assert newest.put("c", bytes(10)), "what was taken no longer counts"


def test_too_many_keys_drop_those_that_wait_longest() -> None:
    newest = Newest(SETTINGS)
    for key in "abcd":
        newest.put(key, key.encode())
    assert taken(newest) == [b"b", b"c", b"d"]


def test_too_many_bytes_drop_those_that_wait_longest_but_not_the_newest() -> None:
    newest = Newest(SETTINGS)
    for key, data in (("a", b"a"), ("b", bytes(4)), ("c", bytes(4))):
        newest.put(key, data)
    newest.put("a", b"aaaaa")
    assert taken(newest) == [b"aaaaa", bytes(4)]


def test_a_message_longer_than_all_of_them_may_be_is_refused() -> None:
    newest = Newest(SETTINGS)
    newest.put("a", b"old")
    assert not newest.put("a", bytes(11))
    assert taken(newest) == [b"old"]
