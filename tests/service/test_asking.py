"""Questions to members of a namespace: which acks count, and for how long."""

from gameserver.ids import PlayerId
from gameserver.rooms.state.effects import AckCame, Departed
from gameserver.service.asking import Questions

ANN, BOB = PlayerId("ann"), PlayerId("bob")


def test_an_ack_counts_only_while_its_question_is_open() -> None:
    questions = Questions()
    with questions.asking("/guild", (ANN, BOB)) as question:
        questions.acked(AckCame(ANN, question.number, ("yes",)))
        assert not question.over.is_set()
    questions.acked(AckCame(BOB, question.number, ("no",)))
    questions.departed(Departed(BOB, "/guild", "left"))
    assert (question.answers, question.silent) == ({ANN: ("yes",)}, {})
    assert list(question.missing) == [BOB]
    with questions.asking("/guild", (ANN,)) as other:
        assert other.number == question.number + 1
