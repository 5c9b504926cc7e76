/** What the server plays, asked before anybody has signed in. */

import { useEffect, useState } from "preact/hooks";

export interface About {
  game: string;
  title: string;
  /** Whether players may have replays of their matches. */
  replays: boolean;
}

let known: Promise<About | null> | null = null;

/** Return the server's game; null while it is asked for, and if there is no answer. */
export function useAbout(): { about: About | null; asked: boolean } {
  const [found, setFound] = useState<About | null>();
  useEffect(() => {
    known ??= ask();
    void known.then((about) => {
      setFound(about);
      if (about) document.title = about.title;
    });
  }, []);
  return { about: found ?? null, asked: found !== undefined };
}

async function ask(): Promise<About | null> {
  try {
    const answer = await fetch("/api/v1/info");
    const { game, title, replays } = (await answer.json()) as Partial<About>;
    if (typeof game !== "string" || typeof title !== "string") return null;
    return { game, title, replays: replays !== false };
  } catch {
    known = null; // asked again later; the page says what is wrong when somebody signs in
    return null;
  }
}
