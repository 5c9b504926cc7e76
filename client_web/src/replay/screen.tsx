/** A match that is over, played in the page: fetched, drawn, steered. */

import type { Client } from "gameserver-client";
import type { Film } from "gameserver-client/film";
import { useEffect, useRef, useState } from "preact/hooks";
import { Facts } from "../any/screen.js";
import { presses, writes } from "../controls/controls.js";
import { MiniMap } from "../hud/minimap.js";
import { Announcement, Kills, MetersBar, ScoreBoard, Top } from "../hud/parts.js";
import { store } from "../store.js";
import { t } from "../texts/index.js";
import { Bar } from "./bar.js";
import { fetchFilm, troubleOf } from "./fetching.js";
import { Player } from "./player.js";
import { openStage, type Stage, type Told } from "./stage.js";

const TOLD_MS = 80;
const LONGEST_FRAME_S = 0.1;
/** Of a turn of the wheel. */
const ZOOM = 1.15;
/** A pointer that moves less has clicked. */
const CLICK_PX = 6;
/** By how much a key draws the view along, in pixels of the screen. */
const PAN_PX = 80;
const PANS: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  KeyW: [0, PAN_PX],
  KeyA: [PAN_PX, 0],
  KeyS: [0, -PAN_PX],
  KeyD: [-PAN_PX, 0],
};

export function Replay({ client, matchId }: { client: Client; matchId: string }) {
  const [film, setFilm] = useState<Film | null>(null);
  const [trouble, setTrouble] = useState("");
  const [part, setPart] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    fetchFilm(client, matchId, (got, size) => setPart(got / size), stop.signal).then(
      setFilm,
      (error: unknown) => {
        if (!stop.signal.aborted) setTrouble(troubleOf(error));
      },
    );
    return () => stop.abort();
  }, [client, matchId]);
  if (film && !trouble) return <Theatre film={film} fail={setTrouble} />;
  return (
    <main class="page waits">
      <section class="box" aria-label={t("replay.title")}>
        <h1>{t("replay.title")}</h1>
        <p role="status" class={trouble ? "warn" : "muted"}>
          {trouble ||
            (part ? t("replay.comes", { part: Math.round(part * 100) }) : t("replay.made"))}
        </p>
        <button type="button" class="primary" onClick={() => store.watch("")}>
          {t("replay.close")}
        </button>
      </section>
    </main>
  );
}

function Theatre({ film, fail }: { film: Film; fail: (words: string) => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [player] = useState(() => new Player(film));
  const [stage, setStage] = useState<Stage | null>(null);
  const [told, setTold] = useState<Told | null>(null);
  const [scores, setScores] = useState(false);
  const [, again] = useState(0);
  const changed = () => again((times) => times + 1);
  const arena = film.started.game === "arena";

  useEffect(() => {
    const stop = new AbortController();
    let opened: Stage | null = null;
    openStage(canvas.current!, film)
      .then((made) => {
        if (stop.signal.aborted) return made.destroy();
        opened = made;
        setStage(made);
        run(player, made, canvas.current!, setTold, fail, stop.signal);
      })
      .catch((error: unknown) => {
        console.error(error);
        fail(t("match.noWebGL"));
      });
    return () => {
      stop.abort();
      opened?.destroy();
    };
  }, [film, player]);

  const follow = (seat: number) => {
    if (!stage) return;
    stage.follow = seat;
    stage.letGo();
  };
  const next = () => {
    if (!told?.people.length) return;
    const at = told.people.findIndex(({ seat }) => seat === stage?.follow);
    if (told.followed < 0) return follow(told.people[Math.max(0, at)]!.seat); // back from the free view
    follow(told.people[(at + 1) % told.people.length]!.seat);
  };
  const dragged = useRef(0);
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      const pan = PANS[event.code];
      const act = ACTS[event.key] ?? ACTS[event.code];
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") return store.watch("");
      if (writes(event.target) || (event.code === "Space" && presses(event.target))) return;
      if (event.key === "n") next();
      else if (event.key === "c") setScores((on) => !on);
      else if (pan) stage?.drag(...pan);
      else if (event.key === "PageUp") stage?.zoomBy(ZOOM);
      else if (event.key === "PageDown") stage?.zoomBy(1 / ZOOM);
      else if (act) act(player);
      else return;
      event.preventDefault();
      changed();
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  });

  const view = told?.view;
  return (
    <main class={`match replay ${arena ? "" : "any"}`}>
      <canvas
        class="field"
        ref={canvas}
        onPointerDown={(event) => {
          dragged.current = 0;
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          if (!event.buttons) return;
          dragged.current += Math.abs(event.movementX) + Math.abs(event.movementY);
          if (dragged.current > CLICK_PX) stage?.drag(event.movementX, event.movementY);
        }}
        onClick={() => dragged.current <= CLICK_PX && next()}
        onWheel={(event) => stage?.zoomBy(event.deltaY > 0 ? 1 / ZOOM : ZOOM)}
      />
      {view && (
        <>
          <Kills kills={view.kills} />
          <Top view={view} />
          <div class="hud-right">
            <MiniMap map={film.map} fighters={view.fighters} />
          </div>
          <Announcement view={{ ...view, meters: null }} />
          <MetersBar view={view} />
          {(scores || view.board.phase === 2) && <ScoreBoard view={view} />}
        </>
      )}
      {told && !arena && <Facts told={told} mine={told.followed} />}
      {!told && <p class="loading">{t("match.loading")}</p>}
      <Bar
        player={player}
        people={told?.people ?? []}
        followed={told?.followed ?? -1}
        follow={(seat) => {
          follow(seat);
          changed();
        }}
        changed={changed}
        close={() => store.watch("")}
      />
    </main>
  );
}

const ACTS: Readonly<Record<string, (player: Player) => void>> = {
  Space: (player) => player.toggle(),
  ArrowLeft: (player) => player.seekSeconds(-5),
  ArrowRight: (player) => player.seekSeconds(5),
  ",": (player) => player.nudge(-1),
  ".": (player) => player.nudge(1),
  "-": (player) => player.faster(-1),
  "+": (player) => player.faster(1),
  Home: (player) => player.seek(player.film.first),
  End: (player) => player.seek(player.film.last),
};

/** Draw until the signal is aborted. */
function run(
  player: Player,
  stage: Stage,
  canvas: HTMLCanvasElement,
  tell: (told: Told) => void,
  fail: (words: string) => void,
  signal: AbortSignal,
): void {
  let [last, toldAt] = [performance.now(), 0];
  const sized = new ResizeObserver(() => stage.resize());
  sized.observe(canvas);
  signal.addEventListener("abort", () => sized.disconnect());
  const draw = (time: number) => {
    if (signal.aborted) return;
    requestAnimationFrame(draw);
    const elapsed = Math.min(LONGEST_FRAME_S, Math.max(0, time - last) / 1000);
    last = time;
    try {
      const told = stage.draw(player.advance(elapsed), time / 1000, elapsed);
      if (time - toldAt < TOLD_MS) return;
      toldAt = time;
      tell(told);
    } catch (error) {
      console.error(error);
      fail(troubleOf(error));
    }
  };
  requestAnimationFrame(draw);
}
