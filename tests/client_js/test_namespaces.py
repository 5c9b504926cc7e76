"""The guild of the examples with the JavaScript client, over each road."""

from pathlib import Path

from tests.client_js.node import needs_node, script
from tests.e2e.program import program

pytestmark = needs_node


async def test_members_of_a_guild_invite_talk_and_come_back(tmp_path: Path) -> None:
    async with program(tmp_path, "--namespaces", "examples.guild:Guild") as server:
        for road in ("websocket", "sse", "long-polling"):
            async with script("guild.mjs", server.url, road) as node:
                assert await node.line() == {
                    "unknown": "namespace.unknown",
                    "outside": "namespace.not_in",
                    "closed": "guild.closed",
                }
                assert await node.line() == {
                    "entered": ["great"],
                    "comes": True,
                    "stays": False,
                    "nobody": "guild.nobody",
                    "elsewhere": "guild.elsewhere",
                }
                assert await node.line() == {
                    "heard": [
                        ["came", "Ann"],
                        ["said", "great", "Ann", "one ✓"],
                        ["said", "great", "Ann", "two"],
                        ["waved", "Ann", 0.5, 1],
                    ],
                    "member": True,
                    "reconnects": 1,
                }
                assert await node.line() == {"outside": "namespace.not_in"}
                await node.end()
        server.assert_same_process_without_faults()
