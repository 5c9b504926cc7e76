"""A party whose calls are kept in a store, as a server keeps them."""

from pathlib import Path
from typing import Any

import attrs

from gameserver.rooms import calls
from gameserver.rooms.hall import Hall
from gameserver.rooms.packed import PackedClasses
from gameserver.store.people.database import PeopleFile
from gameserver.store.people.records import check_of, pack_call
from gameserver.store.people.replay import CallReplay
from tests.rooms.party import MAPS, AnswerT, Party, Tag


@attrs.define
class Keeper:
    """Records calls into a file."""

    file: PeopleFile
    classes: PackedClasses = attrs.field(factory=PackedClasses)
    number: int = 0

    def record(
        self,
        moment: calls.Moment,
        call: calls.Call[object],
        tokens: list[bytes],
        outcome: object,
        effects: int,
    ) -> None:
        known = len(self.classes.rows)
        record = pack_call(moment, call, tokens, check_of(outcome, effects), self.classes)
        self.number += 1
        fresh = [(at, *self.classes.rows[at]) for at in range(known, len(self.classes.rows))]
        self.file.append([(self.number, record)], fresh)


class KeptParty(Party):
    """A party on a hall whose calls are recorded."""

    def __init__(self, path: Path, **rules: Any) -> None:
        super().__init__(**rules)
        self.keeper = Keeper(PeopleFile(path))

    def take(self, call: calls.Call[AnswerT]) -> AnswerT:
        moment = calls.Moment(self.now, self.wall_ms, self.entropy(32), self.entropy(32))
        return calls.take(self.hall, call, moment, self.keeper)

    def replayed(self) -> CallReplay:
        """CallReplay what the file has, in a new hall."""
        replay = CallReplay(self.empty, self.keeper.file, self.keeper.file.read())
        for _ in replay.run():
            pass
        replay.hall.check()
        return replay

    def empty(self) -> Hall:
        return Hall(Tag(), MAPS, self.rules)
