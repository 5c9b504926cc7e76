"""The guild of the examples with the JavaScript client, over each road."""

from pathlib import Path

from tests.client_js.node import needs_node, script
from tests.e2e.program import free_port, program

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


async def test_a_member_joins_again_when_the_server_was_killed_and_started_again(
    tmp_path: Path,
) -> None:
    where = ("--port", str(free_port()), "--data", str(tmp_path / "data"))
    args = (*where, "--namespaces", "examples.guild:Guild")
    (tmp_path / "next").mkdir()
    async with program(tmp_path, *args) as first, script("rejoin.mjs", first.url) as node:
        assert await node.line() == {"entered": ["great"]}
        first.process.kill()
        await first.process.wait()
        async with program(tmp_path / "next", *args) as second:
            assert await node.line() == {
                "code": "namespace.restarted",
                "ended": [],
                "entered": ["great"],
            }
            await node.end()
            second.assert_same_process_without_faults()
