/** A match of a game that this page knows nothing of: drawn and played by its schema alone. */

import type { Client, Frame, Match } from "gameserver-client";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { anyRows } from "../controls/keyrows.js";
import { playUnseen } from "../controls/unseen.js";
import { MatchChat } from "../hud/matchchat.js";
import { Menu } from "../hud/menu.js";
import { NetPanel } from "../hud/netpanel.js";
import { type Panels, usePanels, useRests } from "../hud/panels.js";
import { sounds } from "../sound/player.js";
import { t } from "../texts/index.js";
import { css, fighterColour } from "../theme.js";
import { bind } from "./bindings.js";
import { boardOf, type Row, rowsOf, sentenceOf } from "./facts.js";
import { AnyField } from "./field.js";
import { Hands, keysOf } from "./hands.js";
import { Holding } from "./holding.js";
import { Inspector } from "./inspector.js";
import { type Figure, Looks } from "./looks.js";

/** Milliseconds between two drawings of what lies over the field. */
const TOLD_MS = 120;
const LONGEST_FRAME_S = 0.1;
const FEED = 6;

/** What lies over the field. */
interface Told {
  readonly rows: readonly Row[];
  readonly board: readonly (readonly [string, string])[];
  readonly feed: readonly string[];
  readonly chosen: Figure | null;
  readonly pingMs: number | null;
}

export function AnyMatch({ client, match }: { client: Client; match: Match }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { game } = match.started;
  const bindings = bind(game, match.schema.command);
  const looks = useMemo(() => new Looks(client, match), [client, match]);
  const [holding, setHolding] = useState<Holding | null>(null);
  const [told, setTold] = useState<Told | null>(null);
  const panels = usePanels(client, match);
  const { menu, chat, net, inspects, looking, covered, stepper } = panels;
  const { showMenu, showChat, showNet, setInspects } = panels;
  useRests(holding, panels);

  useEffect(() => {
    const made = new Holding(bind(game, match.schema.command), canvas.current!);
    setHolding(made);
    const over = { looking, covered, stepper };
    const stop = play(client, match, looks, made, canvas.current!, over, setTold);
    return () => {
      stop();
      made.destroy();
    };
  }, [client, match, game, looks, stepper]);
  useEffect(() => {
    if (holding) holding.bindings = bindings;
  });

  return (
    <main class="match any" data-seat={match.seat}>
      <canvas class="field" ref={canvas} role="img" aria-label={client.game} />
      {told ? <Facts told={told} mine={match.seat} /> : <p class="loading">{t("match.loading")}</p>}
      <div class="hud-right">
        <p class="glass ping">
          {told?.pingMs != null && t("net.ping", { ms: told.pingMs })}
          <button
            type="button"
            class="small"
            aria-pressed={inspects}
            onClick={() => setInspects(!inspects)}
          >
            {t("any.inspect")}
          </button>
          <button type="button" class="small touch-only" onClick={() => showChat(true)}>
            {t("touch.chat")}
          </button>
          <button
            type="button"
            class="small"
            aria-label={t("menu.title")}
            onClick={() => showMenu(true)}
          >
            ☰
          </button>
        </p>
        {inspects && <Inspector match={match} entity={told?.chosen?.entity ?? null} />}
        {net && (
          <NetPanel
            client={client}
            match={match}
            stepper={stepper}
            nameOf={(seat) => looks.nameOf(seat)}
            close={() => showNet(false)}
          />
        )}
      </div>
      {holding && match.seat >= 0 && <Hands bindings={bindings} holding={holding} />}
      <MatchChat client={client} teams={false} open={chat} close={() => showChat(false)} />
      {menu && (
        <Menu
          client={client}
          match={match}
          close={() => showMenu(false)}
          keys={keysOf(bindings)}
          rows={anyRows(game, bindings)}
          repaint={() => {}}
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

/** The table of players, what else the game counts, and the last events. */
export function Facts(props: { told: Pick<Told, "rows" | "board" | "feed">; mine: number }) {
  const { told, mine } = props;
  return (
    <div class="told">
      {told.board.length > 0 && (
        <dl class="glass board">
          {told.board.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      <ul class="glass ranks">
        {told.rows.map(({ seat, name, values }) => (
          <li key={seat} class={seat === mine ? "mine" : ""}>
            <b style={{ color: css(fighterColour(0, seat)) }}>
              <bdi>{name}</bdi>
            </b>
            {values.map(([what, value]) => (
              <span key={what}>
                {what} <b>{value}</b>
              </span>
            ))}
          </li>
        ))}
      </ul>
      <ol class="feed" role="log">
        {told.feed.map((line) => (
          <li key={line} class="glass">
            {line}
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Draw and play until the returned function is called. */
function play(
  client: Client,
  match: Match,
  looks: Looks,
  holding: Holding,
  canvas: HTMLCanvasElement,
  { looking, covered, stepper }: Pick<Panels, "looking" | "covered" | "stepper">,
  tell: (told: Told) => void,
): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const field = new AnyField(canvas, match.map);
  const feed: string[] = [];
  let [last, toldAt, count] = [client.now(), 0, 0];
  let place = field.onScreen(null);
  let chosen = "";
  canvas.addEventListener("wheel", ({ deltaY }) => field.zoomBy(deltaY > 0 ? 0.9 : 1.1), {
    signal,
    passive: true,
  });
  canvas.addEventListener(
    "pointerdown",
    ({ offsetX, offsetY }) => {
      if (looking.current) chosen = field.at(offsetX, offsetY)?.key ?? "";
    },
    { signal },
  );
  const sized = new ResizeObserver(() => field.resize());
  sized.observe(canvas);
  const command = () => holding.command(place, (at) => field.inWorld(at));
  playUnseen(client, match, command, signal);
  const nameOf = (seat: number) => looks.nameOf(seat);

  const draw = () => {
    if (signal.aborted) return;
    requestAnimationFrame(draw);
    const now = client.now();
    const elapsed = Math.min(LONGEST_FRAME_S, now - last);
    last = now;
    if (match.seat >= 0) match.hold(command());
    const live = match.frame(now);
    const frame = stepper.step?.frame ?? live;
    if (!frame) return;
    for (const event of match.takeEvents()) {
      count += 1;
      feed.push(`${count}. ${sentenceOf(event, nameOf)}`);
      sounds.chime("hit");
    }
    feed.splice(0, feed.length - FEED);
    const figures = frame.drawn.map((each) => looks.figure(each));
    const followed = followedOf(figures);
    field.covered = covered.current;
    field.draw(figures, followed, looking.current ? chosen : "", elapsed);
    place = field.onScreen(followed);
    if (now - toldAt < TOLD_MS / 1000) return;
    toldAt = now;
    tell(toldOf(frame, figures.find(({ key }) => key === chosen) ?? followed));
  };
  const toldOf = (frame: Frame, figure: Figure | null): Told => ({
    rows: rowsOf(frame.world, match, nameOf),
    board: boardOf(frame.world, match.schema),
    feed: [...feed],
    chosen: figure,
    pingMs: client.rttS === null ? null : Math.round(client.rttS * 1000),
  });
  draw();
  return () => {
    stop.abort();
    sized.disconnect();
  };
}

/** The own figure; for a spectator the first that belongs to somebody. */
function followedOf(figures: readonly Figure[]): Figure | null {
  return figures.find(({ own }) => own) ?? figures.find(({ entity }) => entity.owner >= 0) ?? null;
}
