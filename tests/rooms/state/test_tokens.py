from hypothesis import given
from hypothesis import strategies as st

from gameserver.ids import PlayerId
from gameserver.rooms.state.tokens import ON_THE_WAY, TokenBook

ANN, BOB = PlayerId("ann"), PlayerId("bob")


def token(number: int) -> bytes:
    return number.to_bytes(16, "big")


def test_the_old_token_lives_until_the_new_ones_first_use() -> None:
    book = TokenBook()
    book.issue(ANN, token(1))
    assert book.use(token(1)) == ANN
    book.issue(ANN, token(2))
    assert book.use(token(1)) == ANN, "the welcome with the new one may be lost"
    assert book.use(token(2)) == ANN
    assert book.use(token(1)) is None


def test_the_old_token_ends_when_the_new_one_is_confirmed() -> None:
    book = TokenBook()
    book.issue(ANN, token(1))
    book.issue(ANN, token(2))
    book.confirm(ANN)
    assert book.use(token(1)) is None
    assert book.use(token(2)) == ANN


def test_of_several_unconfirmed_tokens_only_one_can_be_used() -> None:
    book = TokenBook()
    for number in (1, 2, 3):
        book.issue(ANN, token(number))
    assert book.use(token(2)) == ANN
    assert book.use(token(1)) is None
    assert book.use(token(3)) is None


def test_too_many_unconfirmed_tokens_drop_the_oldest_and_never_the_confirmed_one() -> None:
    book = TokenBook()
    for number in range(1, ON_THE_WAY + 4):
        book.issue(ANN, token(number))
    assert len(book) == 1 + ON_THE_WAY
    assert book.use(token(2)) is None
    assert book.use(token(1)) == ANN


def test_a_forgotten_session_leaves_no_token() -> None:
    book = TokenBook()
    book.issue(ANN, token(1))
    book.issue(BOB, token(2))
    book.forget(ANN)
    assert book.use(token(1)) is None
    assert book.owners() == {BOB}


def test_tokens_are_not_stored_in_plain_text() -> None:
    book = TokenBook()
    book.issue(ANN, token(77))
    assert token(77) not in repr(book).encode("latin-1", "replace")
    assert repr(token(77)) not in repr(book)


@given(st.lists(st.tuples(st.sampled_from(["resume", "lost", "ack"]), st.booleans()), max_size=40))
def test_an_honest_client_is_never_locked_out(steps: list[tuple[str, bool]]) -> None:
    """It always holds one token that works, whatever is lost, if it uses the newest it got."""
    book = TokenBook()
    book.issue(ANN, token(1))
    held, newest = 1, 1
    for step, arrives in steps:
        if step == "ack" and held == newest:
            book.confirm(ANN)
        elif step != "ack":
            assert book.use(token(held)) == ANN
            newest += 1
            book.issue(ANN, token(newest))
            held = newest if arrives else held
    assert book.use(token(held)) == ANN
