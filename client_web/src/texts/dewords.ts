/**
 * Texts of games in German, by the game's name and the text that it gives: labels, helps and choices of
 * options, and counts of results.
 *
 * Law: one game's texts are no other's, whose "Length" may be that of a track. An unknown text is shown
 * as its game gives it.
 */

import type { GameWords } from "./index.js";

export const deWords: GameWords = {
  arena: {
    Mode: "Modus",
    "What is played for.": "Worum es geht.",
    Deathmatch: "Jeder gegen jeden",
    "Team deathmatch": "Team gegen Team",
    "Capture the flag": "Flaggenraub",
    "Time limit": "Spielzeit",
    "0 plays to the score limit.": "0: bis die Punkte erreicht sind.",
    "Score limit": "Punkte zum Sieg",
    "Kills or captures that win; 0 plays for time.":
      "Abschüsse oder Flaggen zum Sieg; 0: bis die Zeit um ist.",
    "Friendly fire": "Eigene treffen",
    "Shots hurt one's own team too.": "Schüsse verletzen auch das eigene Team.",
    "Pick-ups": "Fundstücke",
    "Health, ammunition, rockets and haste.": "Gesundheit, Munition, Raketen und Tempo.",
    captures: "Flaggen",
  },
  tag: { Length: "Dauer" },
  pairs: { Pairs: "Paare" },
};
