/** A match: the field, what lies over it, and the loop that draws and plays it. */

import type { Client, Entity, Frame, Match } from "gameserver-client";
import { useEffect, useRef, useState } from "preact/hooks";
import { Inspector } from "../any/inspector.js";
import { Controls, writes } from "../controls/controls.js";
import { arenaKeys, arenaRows } from "../controls/keyrows.js";
import { isKey } from "../controls/keys.js";
import { playUnseen } from "../controls/unseen.js";
import { fightersOf, SUB } from "../field/arena.js";
import type { Field } from "../field/field.js";
import { MatchChat } from "../hud/matchchat.js";
import { Menu } from "../hud/menu.js";
import { MiniMap } from "../hud/minimap.js";
import { NetPanel } from "../hud/netpanel.js";
import { usePanels, useRests } from "../hud/panels.js";
import { Announcement, Kills, MetersBar, ScoreBoard, Top } from "../hud/parts.js";
import { Show } from "../hud/show.js";
import { Spectator } from "../hud/spectator.js";
import type { Stepper } from "../hud/stepper.js";
import { TouchControls } from "../hud/touch.js";
import { type HudView, hudView, missing } from "../hud/view.js";
import { sounds } from "../sound/player.js";
import { store } from "../store.js";
import { t } from "../texts/index.js";

/** Milliseconds between two drawings of what lies over the field. */
const HUD_MS = 80;
const LONGEST_FRAME_S = 0.1;
/** A frame that takes longer than this in the mean is drawn with fewer pixels, after so long. */
const SLOW_FRAME_S = 0.03;
const SLOW_S = 2;

export function MatchScreen({ client, match }: { client: Client; match: Match }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const veil = useRef<HTMLDivElement>(null);
  const cross = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<HudView | null>(null);
  const [controls, setControls] = useState<Controls | null>(null);
  const [trouble, setTrouble] = useState("");
  const [scores, setScores] = useState(false);
  const [inspected, setInspected] = useState<Entity | null>(null);
  const [paint, repaint] = useState(0);
  const panels = usePanels(client, match);
  const { menu, chat, net, inspects, looking, covered, stepper } = panels;
  const { showMenu, showChat, showNet, setInspects } = panels;
  useRests(controls, panels);

  useEffect(() => {
    const made = new Controls(canvas.current!);
    setControls(made);
    const run = play(client, match, canvas.current!, made, stepper, {
      show: setView,
      inspect: setInspected,
      looking,
      covered,
      fail: setTrouble,
      veil: veil.current!,
      cross: cross.current!,
    });
    return () => {
      run();
      made.destroy();
    };
  }, [client, match, stepper, paint]);

  useEffect(() => {
    const stop = new AbortController();
    addEventListener(
      "keydown",
      (event) => {
        if (!isKey("scores", event) || menu || chat || writes(event.target)) return;
        if (event.code === "Tab" && (net || event.target !== document.body)) return;
        setScores(true);
        event.preventDefault();
      },
      { signal: stop.signal },
    );
    addEventListener("keyup", (event) => isKey("scores", event) && setScores(false), {
      signal: stop.signal,
    });
    return () => stop.abort();
  }, [menu, chat, net]);

  const over = view !== null && view.board.phase === 2;
  return (
    <main class="match" data-seat={match.seat}>
      <canvas class="field" key={paint} ref={canvas} />
      <div class="hurt" ref={veil} />
      {view && (
        <>
          <Kills kills={view.kills} />
          <Top view={view} />
          <div class="hud-right">
            <MiniMap map={match.map} fighters={view.fighters} />
            <p class={`glass ping ${view.stall === "none" ? "" : "warn"}`}>
              {view.pingMs !== null && t("net.ping", { ms: view.pingMs })}
              <button
                type="button"
                class="small keys-only"
                aria-label={t("menu.title")}
                onClick={() => showMenu(true)}
              >
                ☰
              </button>
            </p>
            {inspects && <Inspector match={match} entity={inspected} />}
            {net && (
              <NetPanel
                client={client}
                match={match}
                stepper={stepper}
                nameOf={(seat) => view.scores.find((each) => each.seat === seat)?.name ?? `${seat}`}
                close={() => showNet(false)}
              />
            )}
          </div>
          <Announcement view={view} />
          <MetersBar view={view} />
          {(scores || over) && <ScoreBoard view={view} />}
        </>
      )}
      <div class="crosshair" ref={cross} />
      {controls && (
        <TouchControls
          controls={controls}
          watches={match.seat < 0}
          chat={() => showChat(true)}
          scores={() => setScores((open) => !open)}
          menu={() => showMenu(true)}
        />
      )}
      <MatchChat
        client={client}
        teams={view?.teams ?? false}
        open={chat}
        close={() => showChat(false)}
      />
      {!view && <p class="loading">{trouble || t("match.loading")}</p>}
      {menu && (
        <Menu
          client={client}
          match={match}
          close={() => showMenu(false)}
          repaint={() => repaint((times) => times + 1)}
          keys={arenaKeys()}
          rows={arenaRows()}
          inspect={() => {
            showMenu(false);
            setInspects(!inspects);
          }}
          net={() => {
            showMenu(false);
            showNet(true);
          }}
        />
      )}
    </main>
  );
}

interface Screen {
  show: (view: HudView) => void;
  inspect: (entity: Entity | null) => void;
  looking: { readonly current: boolean };
  covered: { readonly current: number };
  fail: (words: string) => void;
  /** Turns red when the own fighter is hurt. */
  veil: HTMLElement;
  cross: HTMLElement;
}

/** Draw and play until the returned function is called. */
function play(
  client: Client,
  match: Match,
  canvas: HTMLCanvasElement,
  controls: Controls,
  stepper: Stepper,
  screen: Screen,
): () => void {
  const stop = new AbortController();
  let field: Field | null = null;
  void import("../field/field.js")
    .then(({ Field }) => Field.open(canvas, match))
    .then((opened) => {
      if (stop.signal.aborted) return opened.destroy();
      field = opened;
      loop(client, match, field, controls, stepper, screen, stop.signal);
    })
    .catch((error: unknown) => {
      console.error(error);
      screen.fail(t("match.noWebGL"));
    });
  return () => {
    stop.abort();
    field?.destroy();
  };
}

function loop(
  client: Client,
  match: Match,
  field: Field,
  controls: Controls,
  stepper: Stepper,
  screen: Screen,
  stop: AbortSignal,
): void {
  const show = new Show(field);
  const spectator = new Spectator(stop);
  let last = client.now();
  let mean = 0;
  let slowSince = last;
  let shownAt = 0;
  let count = 0;
  let epoch = match.epoch;
  const sized = new ResizeObserver(() => field.resize());
  sized.observe(screen.veil);
  stop.addEventListener("abort", () => sized.disconnect());
  playUnseen(client, match, () => controls.command(place), stop);

  const draw = () => {
    if (stop.aborted) return;
    requestAnimationFrame(draw);
    const now = client.now();
    const elapsed = Math.min(LONGEST_FRAME_S, now - last);
    last = now;
    mean += (elapsed - mean) * 0.05;
    if (mean < SLOW_FRAME_S) slowSince = now;
    if (now - slowSince > SLOW_S) {
      slowSince = now;
      field.coarser();
    }
    const { camera } = field;
    field.covered = screen.covered.current;
    const own = place;
    if (match.seat >= 0) match.hold(controls.command(own));
    const live = match.frame(now);
    const frame = stepper.step?.frame ?? live;
    if (!frame) return;
    if (match.epoch !== epoch) {
      epoch = match.epoch;
      show.forget();
      store.say(t("match.restored"));
    }
    const fighters = fightersOf(frame);
    const followed = fighters.has(match.seat)
      ? match.seat
      : spectator.follow(fighters, controls.takeSteps());
    const events = match.takeEvents();
    show.take(stepper.step ? [] : events, fighters, match.seat, followed, now);
    show.advance(now, elapsed);
    const { pointer } = controls;
    const ahead =
      pointer && match.seat >= 0
        ? {
            x: (pointer.x - field.centre) / camera.zoom,
            y: (pointer.y - canvasHigh() / 2) / camera.zoom,
          }
        : { x: 0, y: 0 };
    const { silent, gone } = missing(client);
    for (const seat of gone) silent.add(seat);
    field.draw({ frame, fighters, silent, followed, ahead, now, elapsed });
    const followedFighter = fighters.get(followed);
    if (followedFighter) place = field.onScreen(followedFighter.x, followedFighter.y);
    screen.veil.style.opacity = String(show.flash);
    showCross(screen.cross, controls, show, place, now);
    if (now - shownAt < HUD_MS / 1000) return;
    shownAt = now;
    if (screen.looking.current) screen.inspect(nearest(frame, field, pointer ?? place));
    show.rate(client.trouble !== "none", now);
    const view = hudView(client, match, frame, fighters, followed, show, match.jitterS);
    if (!view) return;
    const left = view.startsInS === null ? 0 : Math.ceil(view.startsInS);
    if (left !== count && left > 0) sounds.chime("beep");
    count = left;
    screen.show(view);
  };
  const canvasWide = () => screen.veil.clientWidth;
  const canvasHigh = () => screen.veil.clientHeight;
  let place = { x: canvasWide() / 2, y: canvasHigh() / 2 };
  draw();
}

/** The entity that is drawn nearest to a place of the canvas. */
function nearest(frame: Frame, field: Field, at: { x: number; y: number }): Entity | null {
  let found: Entity | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const { entity, x, y } of frame.drawn) {
    const place = field.onScreen(x / SUB, y / SUB);
    const far = Math.hypot(place.x - at.x, place.y - at.y);
    if (far < least) [found, least] = [entity, far];
  }
  return found;
}

/** Draw the crosshair at the pointer, the hit marker, and where attacks came from. */
function showCross(
  cross: HTMLElement,
  controls: Controls,
  show: Show,
  own: { x: number; y: number },
  now: number,
): void {
  const { pointer } = controls;
  cross.style.setProperty("--x", `${pointer?.x ?? -100}px`);
  cross.style.setProperty("--y", `${pointer?.y ?? -100}px`);
  cross.style.setProperty("--hit", String(show.marker));
  while (cross.children.length < 4) cross.append(document.createElement("i"));
  for (const [n, arrow] of [...cross.children].entries()) {
    const from = show.directions[n];
    const { style } = arrow as HTMLElement;
    style.opacity = from ? String(Math.min(1, 2 * (from.until - now))) : "0";
    if (!from) continue;
    style.transform = `translate(${own.x}px, ${own.y}px) rotate(${from.turn}rad) translate(52px)`;
  }
}
