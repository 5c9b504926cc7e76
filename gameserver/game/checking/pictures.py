"""Check that the pictures which a game's classes name are there."""

from gameserver.game.checking.found import Found
from gameserver.game.game import Game
from gameserver.game.hints import look_of
from gameserver.game.pictures import ENDINGS, has_picture, pictures_folder


def check_pictures(found: Found, game: Game) -> None:
    """Warn of each look whose picture has no file; all classes must be sound."""
    for entity in game.entities:
        look = look_of(entity)
        if look is not None and look.picture and not has_picture(type(game), look.picture):
            kinds = ", ".join(ENDINGS)
            found.warn(
                f"{entity.__name__}.look",
                f"there is no picture {look.picture}",
                f"lay a file of this name ({kinds}) into {pictures_folder(type(game))}",
            )
