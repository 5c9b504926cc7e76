"""What is agreed of the extensions that clients offer."""

import pytest

from gameserver.transports.http.extensions import agreement, deflate_bits
from gameserver.transports.http.opening import Opening, OpeningReader
from gameserver.transports.settings import ListenSettings
from tests.transports.peers import request_head

CHROMIUM = "permessage-deflate; client_max_window_bits"
FIREFOX = "permessage-deflate"


def bits_of(offered: str) -> int:
    return deflate_bits([part.strip().encode() for part in offered.split(",")])


@pytest.mark.parametrize(
    ("offered", "bits"),
    [
        (CHROMIUM, 15),
        (FIREFOX, 15),
        ("permessage-deflate; client_max_window_bits=8", 15),
        ("permessage-deflate; server_max_window_bits=10; client_max_window_bits=15", 10),
        ('permessage-deflate; server_max_window_bits="12"', 12),
        ("permessage-deflate; server_no_context_takeover; client_no_context_takeover", 15),
        ("permessage-deflate;server_max_window_bits = 9", 9),
        ("x-webkit-deflate-frame, permessage-deflate", 15),
        ("permessage-deflate; server_max_window_bits=8, permessage-deflate", 15),
        ("permessage-deflate; server_max_window_bits=8", 0),
        ("permessage-deflate; server_max_window_bits=16", 0),
        ("permessage-deflate; server_max_window_bits=09", 0),
        ("permessage-deflate; server_max_window_bits", 0),
        ("permessage-deflate; client_max_window_bits=7", 0),
        ("permessage-deflate; client_max_window_bits=", 0),
        ("permessage-deflate; server_no_context_takeover=1", 0),
        ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", 0),
        ("permessage-deflate; unheard_of", 0),
        ("permessage-deflate;", 0),
        ("permessage-bzip2", 0),
        ("", 0),
        (", ".join(["x"] * 8) + ", permessage-deflate", 0),
    ],
)
def test_the_first_offer_that_can_be_met_is_taken(offered: str, bits: int) -> None:
    assert bits_of(offered) == bits


def test_neither_side_may_remember_earlier_messages() -> None:
    alone = b"permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    assert agreement(15) == alone
    assert agreement(10) == alone + b"; server_max_window_bits=10"


@pytest.mark.parametrize(("deflate", "bits"), [(False, 0), (True, 15)])
def test_an_operator_decides_whether_anything_is_agreed_on(deflate: bool, bits: int) -> None:
    reader = OpeningReader(ListenSettings(deflate=deflate))
    found = reader.feed(request_head(extra={"Sec-WebSocket-Extensions": CHROMIUM}))
    assert isinstance(found, Opening)
    assert found.deflate_bits == bits
    assert b"deflate" not in found.encode()
