"""A guild: own events beside a game, with rooms, invitations and acks.

Start a server with ``gameserver serve --namespaces examples.guild:Guild``. How it works is told in
``docs/own-events.md``.
"""

from typing import Any

from gameserver.errors import RequestTimedOutError
from gameserver.ids import PlayerId
from gameserver.namespaces import Namespace, Participant, RefusedError, on

ANSWER_S = 20.0
"""How long somebody who is invited may think."""


class Guild(Namespace):
    """Players talk in halls, and invite each other into them."""

    name = "/guild"
    time_limit_s = 30.0

    def __init__(self) -> None:
        """Begin without members."""
        self.people: dict[PlayerId, Participant] = {}

    async def admit(self, client: Participant, auth: dict[str, Any]) -> None:
        """Let in who knows the word."""
        del client
        if auth.get("word") != "friend":
            raise RefusedError("guild.closed", "Speak friend and enter.")

    async def joined(self, client: Participant) -> None:
        """Tell the others."""
        self.people[client.player_id] = client
        self.everybody.without(client).emit("came", client.name)

    async def left(self, client: Participant, reason: str) -> None:
        """Tell the others."""
        self.people.pop(client.player_id, None)
        self.emit("went", client.name, reason)

    async def lost(self, client: Participant) -> None:
        """Tell the others that somebody is away; what is said meanwhile waits for them."""
        self.everybody.without(client).emit("away", client.name)

    async def returned(self, client: Participant) -> None:
        """Tell the others that somebody is here again."""
        self.everybody.without(client).emit("back", client.name)

    @on("enter")
    async def enter(self, client: Participant, hall: str) -> list[str]:
        """Enter a hall; the ack is the list of all halls that one is in."""
        client.join(hall)
        return list(client.rooms)

    @on("say")
    async def say(self, client: Participant, hall: str, text: str) -> None:
        """Say something in a hall; each member gets it once, also after a reconnect."""
        if hall not in client.rooms:
            raise RefusedError("guild.elsewhere", f"You are not in {hall}.")
        self.to(hall).emit("said", hall, client.name, text)

    @on("wave")
    async def wave(self, client: Participant, hall: str, x: float, y: float) -> None:
        """Point at something: only the newest position counts."""
        client.to(hall).volatile.emit("waved", client.name, x, y)

    @on("vote")
    async def vote(self, client: Participant, hall: str, question: str) -> dict[str, int]:
        """Ask everybody in a hall; the ack counts the answers, and those who gave none."""
        if hall not in client.rooms:
            raise RefusedError("guild.elsewhere", f"You are not in {hall}.")
        gathered = await self.to(hall).emit_with_ack("asked", question, timeout_s=ANSWER_S)
        answers = list(gathered.answers.values())
        yes, no = answers.count(True), answers.count(False)
        return {"yes": yes, "no": no, "silent": len(gathered.silent)}

    @on("invite")
    async def invite(self, client: Participant, name: str, hall: str) -> bool:
        """Ask somebody into a hall; the ack tells whether they came."""
        for other in self.people.values():
            if other.name == name:
                break
        else:
            raise RefusedError("guild.nobody", f"There is no {name}.", {"name": name})
        try:
            comes = await other.emit_with_ack("invited", client.name, hall, timeout_s=ANSWER_S)
        except RequestTimedOutError:
            return False
        if comes is True:
            other.join(hall)
        return comes is True
