/** What lies over the field of a match of any game, and takes the keys from it. */

import { type Client, download, type Match } from "gameserver-client";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { presses, writes } from "../controls/controls.js";
import { isKey } from "../controls/keys.js";
import { Stepper } from "./stepper.js";

/** Pixels of a screen on which only one of the panels has room. */
const NARROW_PX = 900;

/** What is held for the match. */
interface Held {
  paused: boolean;
  letGo(): void;
}

export interface Panels {
  readonly menu: boolean;
  readonly chat: boolean;
  readonly net: boolean;
  readonly inspects: boolean;
  /** `inspects`, for what draws between two renderings. */
  readonly looking: { readonly current: boolean };
  /** Pixels at the right edge of the screen that the panels of network and inspector cover. */
  readonly covered: { readonly current: number };
  readonly stepper: Stepper;
  readonly showMenu: (shown: boolean) => void;
  readonly showChat: (shown: boolean) => void;
  /** A hidden panel of the network steps no more: the match itself is shown again. */
  readonly showNet: (shown: boolean) => void;
  readonly setInspects: (inspects: boolean) => void;
}

/** Open and close menu, chat, network and inspector, by their keys too. */
export function usePanels(client: Client, match: Match): Panels {
  const [menu, showMenu] = useState(false);
  const [chat, showChat] = useState(false);
  const [net, setNet] = useState(false);
  const [inspects, inspect] = useState(false);
  const looking = useRef(inspects);
  looking.current = inspects;
  const [, again] = useState(0);
  const stepper = useMemo(
    () =>
      new Stepper(
        match,
        () => client.now(),
        () => again((times) => times + 1),
      ),
    [client, match],
  );
  const showNet = (shown: boolean) => {
    setNet(shown);
    if (shown && narrow()) inspect(false);
    if (!shown) stepper.close();
  };
  const setInspects = (shown: boolean) => {
    inspect(shown);
    if (shown && narrow()) showNet(false);
  };
  const covered = useRef(0);
  useLayoutEffect(() => {
    covered.current = net || inspects ? coveredBy() : 0;
    const main = document.querySelector<HTMLElement>("main.match");
    main?.style.setProperty("--covered", `${covered.current}px`);
  });

  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      const { code, target } = event;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") showMenu((open) => !open);
      else if (writes(target) && !/^F\d/.test(code)) return;
      else if (menu || (presses(target) && /^(\w*Enter|Space)$/.test(code))) return;
      else if (isKey("net", event)) showNet(!net);
      else if (isKey("inspect", event)) setInspects(!inspects);
      else if (isKey("chat", event)) showChat(true);
      else if (isKey("tape", event)) void saveTape(match);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, [match, menu, net, inspects, stepper]);

  return {
    menu,
    chat,
    net,
    inspects,
    looking,
    covered,
    stepper,
    showMenu,
    showChat,
    showNet,
    setInspects,
  };
}

function narrow(): boolean {
  return innerWidth < NARROW_PX;
}

/** What the panels cover at the right; 0 where they leave less than half of the screen free. */
function coveredBy(): number {
  const panels = document.querySelectorAll(".hud-right > :is(.inspector, .net)");
  const left = Math.min(
    innerWidth,
    ...[...panels].map((each) => each.getBoundingClientRect().left),
  );
  return innerWidth - left > innerWidth / 2 ? 0 : innerWidth - left;
}

/** Let everything go, and take nothing, while a panel has the keys or the past is shown. */
export function useRests(held: Held | null, { menu, chat, stepper }: Panels): void {
  const stepping = stepper.step !== null;
  useEffect(() => {
    const rests = menu || chat || stepping;
    if (held) held.paused = rests;
    if (rests) held?.letGo();
  }, [held, menu, chat, stepping]);
}

/** Let the browser save the last half minute of a match, for a bug report. */
export async function saveTape(match: Match): Promise<void> {
  download(await match.saveTape());
}
