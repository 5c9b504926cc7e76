"""One sentence that says why a connection failed and what to do."""

import errno
import socket
import ssl

import pytest

from gameserver.client.link.address import Address
from gameserver.client.link.refusals import cause_of, hung_up, other_websocket, refused

PLAIN, SECURE = Address.parse("ws://play.example:7777"), Address.parse("wss://play.example")
PROBLEM = [(b"Content-Type", b"application/problem+json")]
TEXT = [(b"Content-Type", b"text/plain; charset=utf-8")]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "it wants a password that this client cannot give"),
        (403, "a rule there forbids it"),
        (404, "no game server at this path"),
        (429, "too many connections from here"),
        (502, "the game server behind it does not answer"),
        (503, "it has no room"),
    ],
)
def test_a_status_is_shown_with_its_number_and_its_meaning(status: int, words: str) -> None:
    sentence = refused("play.example", status, None, None)
    assert sentence.startswith(f"play.example refused (HTTP {status}): ")
    assert words in sentence


def test_an_unknown_status_is_shown_by_its_number_alone() -> None:
    assert refused("x", 418, None, None) == "x refused (HTTP 418)"


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        (TEXT, b"we are full\nreally", ": we are full"),
        ([(b"content-type", b"TEXT/PLAIN")], b"  late  ", ": late"),
        ([(b"Content-Type", b"text/html")], b"<h1>no</h1>", ""),
        (TEXT, b"", ""),
        (TEXT, None, ""),
        ([], b"words", ""),
        (PROBLEM, b'{"detail": "too many\\u001b links"}', ": too many links"),
        (PROBLEM, b'{"detail": 5}', ""),
        (PROBLEM, b"[]", ""),
        (PROBLEM, b"[" * 100_000, ""),
    ],
)
def test_only_plain_text_and_the_sentence_of_a_problem_are_repeated(
    headers: list[tuple[bytes, bytes]], body: bytes | None, said: str
) -> None:
    assert refused("x", 418, headers, body) == f"x refused (HTTP 418){said}"


def test_text_of_the_server_is_cleaned_and_shortened() -> None:
    sentence = refused("x", 418, TEXT, b"\x1b[31m" + b"y" * 5000 + b"\xff")
    assert sentence.isprintable()
    assert len(sentence) < 200


@pytest.mark.parametrize("status", [300, 301, 308, 399])
def test_a_redirect_is_reported_with_its_target(status: int) -> None:
    there = refused("x", status, [(b"Location", b"https://y/")], None)
    assert there == f"x sends visitors elsewhere to https://y/ (HTTP {status}); use that address"
    assert refused("x", status, None, None).startswith("x sends visitors elsewhere (HTTP")


@pytest.mark.parametrize("status", [200, 204, 405, 426])
def test_a_web_server_is_told_apart_from_a_refusing_game_server(status: int) -> None:
    assert "answered as a web server" in refused("x", status, None, None)


@pytest.mark.parametrize(
    ("address", "first", "words"),
    [
        (PLAIN, b"\x15\x03\x01", "speaks TLS: write wss://play.example:7777"),
        (PLAIN, b"SSH-2.0", "is no game server"),
        (PLAIN, b"HTTP/1.1 2", "what is no WebSocket"),
        (PLAIN, b"", "hung up during the handshake; if it uses TLS, write wss://"),
        (SECURE, b"", "hung up during the handshake"),
    ],
)
def test_a_broken_handshake_is_explained_by_its_first_bytes(
    address: Address, first: bytes, words: str
) -> None:
    sentence = hung_up(address, first)
    assert words in sentence
    assert ("if it uses TLS" in sentence) is (not first and address is PLAIN)


def test_a_websocket_server_with_another_protocol_is_named() -> None:
    assert other_websocket("x").startswith("x speaks WebSocket, but not the protocol")


def caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


def untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "failed")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("error", "address", "words"),
    [
        (caused(OSError(), untrusted()), SECURE, "not trusted (self-signed certificate)"),
        (caused(OSError(), ssl.SSLError(1, "wrong version")), SECURE, "does not speak TLS there"),
        (RuntimeError("cut"), SECURE, "does not speak TLS there; write ws://play.example"),
        (RuntimeError("Cut Off"), PLAIN, "cut off"),
        (UnicodeError("label too long"), PLAIN, "no host has such a name"),
        (socket.gaierror(socket.EAI_NONAME, "?"), PLAIN, "no host of this name is known"),
        (socket.gaierror(socket.EAI_AGAIN, "?"), PLAIN, "names cannot be looked up now"),
        (socket.gaierror(socket.EAI_FAIL, "?"), PLAIN, "name could not be looked up"),
        (OSError(errno.ECONNREFUSED, "x"), PLAIN, "is the server running, on this port?"),
        (OSError(errno.ECONNREFUSED, "x"), SECURE, "is the server running, on this port?"),
        (OSError(errno.ENETUNREACH, "x"), PLAIN, "is this machine in a network?"),
        (OSError(errno.ETIMEDOUT, "x"), PLAIN, "timed out"),
        (OSError("Nothing Works"), PLAIN, "nothing works"),
        (OSError(), PLAIN, "OSError"),
        (
            caused(
                OSError("all failed"),
                ExceptionGroup(
                    "", [OSError(errno.ECONNREFUSED, "x"), OSError(errno.ENETUNREACH, "y")]
                ),
            ),
            PLAIN,
            "connection refused",
        ),
    ],
)
def test_the_cause_of_a_failed_connection_is_explained(
    error: BaseException, address: Address, words: str
) -> None:
    assert words in cause_of(error, address)
