/**
 * Texts of games in German, by the text that the game gives: labels, helps and choices of options, and
 * counts of results. Those of Arena and of the examples; an unknown one is shown as the game gives it.
 */

export const deWords: Readonly<Record<string, string>> = {
  Mode: "Modus",
  "What is played for.": "Worum es geht.",
  Deathmatch: "Jeder gegen jeden",
  "Team deathmatch": "Team gegen Team",
  "Capture the flag": "Flaggenraub",
  "Time limit": "Spielzeit",
  "0 plays to the score limit.": "0: bis die Punkte erreicht sind.",
  "Score limit": "Punkte zum Sieg",
  "Kills or captures that win; 0 plays for time.":
    "Treffer oder Flaggen zum Sieg; 0: bis die Zeit um ist.",
  "Friendly fire": "Eigene treffen",
  "Shots hurt one's own team too.": "Schüsse verletzen auch das eigene Team.",
  "Pick-ups": "Fundstücke",
  "Health, ammunition, rockets and haste.": "Gesundheit, Munition, Raketen und Tempo.",
  Length: "Dauer",
  Pairs: "Paare",
  captures: "Flaggen",
};
