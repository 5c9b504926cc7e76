"""What a written chat line asks for.

Law: a line that begins with a slash is a command and is never said to others. A wrong one sends
nothing and stays in its field, with a hint. The pages for browsers know the same commands.
"""

import re
from typing import Final

import attrs

from gameserver.ids import PlayerId
from gameserver.messages.chat import Channel, SendChat

WHISPER: Final = re.compile(
    r"""/w\s+(?:["“”„](?P<quoted>.+?)["“”„]\s+|(?P<plain>[^\s"“”„]\S*)\s+)(?P<said>\S.*)""",
    re.IGNORECASE | re.DOTALL,
)
"""``/w name text``, or with the name in quotes."""

PLAIN: Final = re.compile(r"""[^\s"“”„]\S*""")
"""A name that needs no quotes."""

HOW: Final = 'To whisper: /w "name" text'
COMMAND_CHARS: Final = 12
"""Most characters of an unknown command that a hint repeats."""
NO_RECIPIENT: Final = "Write a name, a colon, and what only they shall read."


@attrs.frozen
class WhisperTarget:
    """The chosen recipient of whispers."""

    name: str
    player_id: PlayerId


def request_of(channel: Channel, draft: str, to: WhisperTarget | None = None) -> SendChat | str:
    """Return the request for a line, or why there is none; "" if there is no text.

    A line of the channel of whispers starts with ``Name:``. Only the name of the chosen recipient
    ``to`` may have a colon.
    """
    text = draft.strip()
    if channel is Channel.WHISPER and to is not None and text.startswith(f"{to.name}:"):
        text = text.removeprefix(f"{to.name}:").strip()
        return SendChat(channel, text, to.player_id) if text else NO_RECIPIENT
    if text.startswith("/"):
        return _commanded(text)
    if channel is not Channel.WHISPER or not text:
        return SendChat(channel, text) if text else ""
    name, colon, text = text.partition(":")
    if not (colon and text.strip()):
        return NO_RECIPIENT
    return SendChat(channel, text.strip(), recipient_name=name.strip())


def _commanded(text: str) -> SendChat | str:
    whisper = WHISPER.fullmatch(text)
    if whisper is not None:
        name = whisper["quoted"] or whisper["plain"]
        return SendChat(Channel.WHISPER, whisper["said"], recipient_name=name)
    command = text.split(maxsplit=1)[0]
    if command.lower() in {"/", "/w"}:
        return HOW
    shown = command if len(command) <= COMMAND_CHARS else f"{command[:COMMAND_CHARS]}…"
    return f"There is no {shown}. {HOW}"


def hint_of(draft: str, channel: Channel = Channel.LOBBY, to: WhisperTarget | None = None) -> str:
    """Return what is wrong with a command that is being written; "" for what is no command."""
    wrong = request_of(channel, draft, to)
    return wrong if isinstance(wrong, str) and draft.lstrip().startswith("/") else ""


def draft_of(line: SendChat) -> str:
    """Return what is written, in any channel, to send a line again."""
    if line.channel is not Channel.WHISPER or not line.recipient_name:
        return line.text
    name = line.recipient_name
    quoted = name if PLAIN.fullmatch(name) else f'"{name}"'
    return f"/w {quoted} {line.text}"
