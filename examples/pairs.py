"""Pairs: a card table. Turn two cards; if they are alike, keep them. Nothing moves here."""

import attrs

from gameserver import game as gs
from gameserver.game.fixed import SUB
from gameserver.ids import Seat

FACES = "ABCDEFGHIJKLMNOPQR"
SIDE, GAP = 26 * SUB, 64 * SUB
SHOWN_S, TURN_S = 2, 20
BACK = 215  # the hue of a card whose face is hidden


@attrs.define(eq=False)
class Card(gs.Entity):  # the page of any game draws x, y, colour and label
    look = gs.Look(shape="square", size=SIDE)  # and this; it is told once, for all of them

    x: int = gs.networked(default=0, once=True)
    y: int = gs.networked(default=0, once=True)
    colour: int = gs.networked(default=BACK)
    label: str = gs.networked(default="")
    picture: str = gs.networked(default="back", hint="picture")  # pictures/back.svg
    face: int = 0  # plain fields are never sent, so nobody can cheat


@attrs.define(eq=False)
class Table(gs.Entity):  # without a place: shown as text
    turn: str = gs.networked(default="")
    seconds: int = gs.networked(default=TURN_S)
    seat: int = 0
    shown: int = 0  # cards that are turned
    ends: int = 0


@attrs.define(eq=False)
class Hand(gs.Entity):  # one for each player
    pairs: int = gs.networked(default=0)
    name: str = gs.networked(default="", once=True)


@attrs.frozen
class PairFound(gs.Event):
    seat: int
    face: str


@attrs.frozen
class PairsCommand(gs.Command):
    point_x: int = gs.level(0, 256 * 512 - 1, pointer="x")  # where the player points, in the
    point_y: int = gs.level(0, 256 * 512 - 1, pointer="y")  # map's sub-units
    pick: bool = gs.edge(keys=("Mouse", "Space", "PadSouth"))


@attrs.frozen
class PairsOptions:
    pairs: int = gs.option(8, "Pairs", lo=4, hi=18)


class Pairs(gs.Game):
    name, title, seats, bot_levels = "pairs", "Pairs", (2, 6), ("normal",)
    entities, events = (Card, Table, Hand), (PairFound,)
    command, options, tick_rate = PairsCommand, PairsOptions, 20

    def start(self, world: gs.World, players: list[gs.Player]) -> None:
        world.spawn(Table(ends=TURN_S * self.tick_rate))
        faces = [face for face in range(world.options.pairs) for _ in range(2)]
        world.rng.shuffle(faces)
        columns = 6 if len(faces) > 16 else 4
        rows = -(-len(faces) // columns)
        middle_x, middle_y = world.map.width * 256, world.map.height * 256
        for place, face in enumerate(faces):
            x = middle_x + (2 * (place % columns) + 1 - columns) * GAP // 2
            y = middle_y + (2 * (place // columns) + 1 - rows) * GAP // 2
            world.spawn(Card(x=x, y=y, face=face))
        for player in players:
            self.join(world, player)

    def join(self, world: gs.World, player: gs.Player) -> None:
        world.spawn(Hand(name=player.name), owner=player.seat)
        self._name(world)

    def leave(self, world: gs.World, seat: Seat) -> None:
        world.despawn(world.owned(seat, Hand) or Hand())
        if world.one(Table).seat == seat:
            self._pass_on(world)

    def step(self, world: gs.World, commands: dict[Seat, gs.Command]) -> None:
        table = world.one(Table)
        command = commands.get(Seat(table.seat))
        if table.shown == 2:
            if world.tick >= table.ends:
                self._judge(world, table)
        elif isinstance(command, PairsCommand) and command.pick:
            self._turn(world, table, command)
        elif world.tick >= table.ends:
            self._pass_on(world)
        table.seconds = max(0, -(-(table.ends - world.tick) // self.tick_rate))

    def _turn(self, world: gs.World, table: Table, command: PairsCommand) -> None:
        for card in world.all(Card):
            aside = max(abs(card.x - command.point_x), abs(card.y - command.point_y))
            if aside < SIDE and not card.label:
                card.label, card.colour, card.picture = FACES[card.face], 20 * card.face, ""
                table.shown += 1
                if table.shown == 2:
                    table.ends = world.tick + SHOWN_S * self.tick_rate

    def _judge(self, world: gs.World, table: Table) -> None:
        first, second = (card for card in world.all(Card) if card.label)
        hand = world.owned(Seat(table.seat), Hand)
        if hand and first.face == second.face:
            hand.pairs += 1
            world.emit(PairFound(table.seat, FACES[first.face]))
            world.despawn(first)
            world.despawn(second)
            table.shown = 0
            table.ends = world.tick + TURN_S * self.tick_rate
        else:
            self._pass_on(world)

    def _pass_on(self, world: gs.World) -> None:
        """Hide what is shown; the next seat is on."""
        table = world.one(Table)
        for card in world.all(Card):
            card.label, card.colour, card.picture = "", BACK, "back"
        seats = sorted(hand.owner for hand in world.all(Hand)) or [Seat(0)]
        table.seat = next((seat for seat in seats if seat > table.seat), seats[0])
        table.shown = 0
        table.ends = world.tick + TURN_S * self.tick_rate
        self._name(world)

    def _name(self, world: gs.World) -> None:
        table = world.one(Table)
        hand = world.owned(Seat(table.seat), Hand)
        table.turn = hand.name if hand else ""

    def outcome(self, world: gs.World) -> gs.Outcome | None:
        return None if world.all(Card) else self.standings(world)

    def standings(self, world: gs.World) -> gs.Outcome:
        hands = sorted(world.all(Hand), key=lambda hand: -hand.pairs)
        best = [hand for hand in hands if hand.pairs == hands[0].pairs]
        lines = [gs.Standing(h.owner, h.name, 0, h.pairs, won=best == [h]) for h in hands]
        return gs.Outcome(tuple(lines), winner=best[0].name if len(best) == 1 else "")

    def bot(self, seat: Seat, level: str, rng: gs.Rng) -> gs.Bot:  # noqa: ARG002  one level
        return PairsBot(seat, rng)


@attrs.define
class PairsBot:  # points at any hidden card, about once a second
    seat: Seat
    rng: gs.Rng

    def command(self, world: gs.World) -> PairsCommand:
        hidden = [card for card in world.all(Card) if not card.label]
        if not hidden or world.one(Table).seat != self.seat or not self.rng.chance(1, 20):
            return PairsCommand()
        card = self.rng.choice(hidden)
        return PairsCommand(point_x=card.x, point_y=card.y, pick=True)
