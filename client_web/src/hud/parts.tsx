/** The parts of the display over the field. */

import type { ComponentChildren } from "preact";
import { FLAG, FULL_HEALTH, PHASE } from "../field/arena.js";
import { Mark, PickupSign, WeaponSign } from "../parts/basic.js";
import { firstOf, rankOf } from "../ranks.js";
import { named, ordinal, t } from "../texts/index.js";
import { css, fighterColour, teamColour, teamName } from "../theme.js";
import type { Kill, Person } from "./show.js";
import type { HudView, Score } from "./view.js";

const LOW_HEALTH = 30;
const LOW_AMMO = 15;

/** Clock, and on its sides the two teams, or oneself and the rival. */
export function Top({ view }: { view: HudView }) {
  const { board, clockS, scores, teams } = view;
  const over = board.phase === PHASE.over;
  const seconds = Math.ceil(clockS ?? 0);
  const clock = over
    ? t("match.over")
    : clockS === null
      ? t("match.noLimit")
      : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const hurry = board.overtime || (clockS !== null && clockS <= 10 && view.startsInS === null);
  const mode = named("mode", view.mode);
  const goal = board.scoreLimit ? t("match.goal", { mode, score: board.scoreLimit }) : mode;
  const own = scores.find((each) => each.own);
  return (
    <div class="hud-top">
      <div class="three">
        {teams ? (
          <TeamSide view={view} team={1} own={own} />
        ) : (
          <OwnSide scores={scores} own={own} />
        )}
        <div class="glass clock">
          <b class={hurry ? "warn" : ""}>{clock}</b>
          <small>{goal}</small>
        </div>
        {teams ? <TeamSide view={view} team={2} own={own} /> : <Rival scores={scores} own={own} />}
      </div>
      {board.overtime && !over && <p class="glass standing warn">{t("match.overtime")}</p>}
      <BannerLine view={view} />
    </div>
  );
}

function BannerLine({ view }: { view: HudView }) {
  const { banner, stall, silentS } = view;
  const trouble = troubleWords(view);
  if (stall === "long") {
    return <p class="glass banner warn">{t("match.silent", { seconds: silentS.toFixed(0) })}</p>;
  }
  if (banner) {
    return (
      <p class="glass banner" style={{ color: css(teamColour(banner.team)) }}>
        <Mark team={banner.team} /> <span>{banner.text}</span>
      </p>
    );
  }
  return trouble ? <p class="glass banner warn">{trouble}</p> : null;
}

function troubleWords({ trouble, pingMs, jitterS }: HudView): string {
  if (trouble === "none") return "";
  const seconds = trouble === "unsteady" ? jitterS : (pingMs ?? 0) / 1000;
  return t(`match.${trouble}`, { seconds: seconds.toFixed(1) });
}

function TeamSide(props: { view: HudView; team: number; own: Score | undefined }) {
  const { view, team, own } = props;
  const flag = view.flags.find((each) => each.team === team);
  const words = flag
    ? t(
        flag.mine
          ? "match.flagYou"
          : flag.state === FLAG.carried
            ? "match.flagTaken"
            : flag.state === FLAG.dropped
              ? "match.flagGround"
              : "match.flagHome",
      )
    : own && t(own.team === team ? "match.yourTeam" : "match.opponents");
  return (
    <Side
      colour={teamColour(team)}
      strong={own?.team === team}
      score={view.board.scores[team - 1]!}
      title={teamName(team)}
      team={team}
      below={words ?? ""}
      alarm={flag !== undefined && flag.state !== FLAG.home}
    />
  );
}

function OwnSide({ scores, own }: { scores: readonly Score[]; own: Score | undefined }) {
  const shown = own ?? scores[0];
  if (!shown) return <div />;
  const place = rankOf(shown.score, scores);
  const title = own ? (
    <span>
      <span class="roomy">{t("match.you")} </span>
      {t("match.place", { place: ordinal(place), count: scores.length })}
    </span>
  ) : (
    ordinal(place)
  );
  return <PersonSide score={shown} title={title} strong={own !== undefined} />;
}

function Rival({ scores, own }: { scores: readonly Score[]; own: Score | undefined }) {
  const rival = own ? scores.find((each) => !each.own) : scores[1];
  if (!rival) return <div />;
  const place = rankOf((own ?? rival).score, scores);
  const title = own ? t(place === 1 ? "match.next" : "match.leader") : ordinal(place);
  return <PersonSide score={rival} title={title} strong={false} />;
}

function PersonSide(props: { score: Score; title: ComponentChildren; strong: boolean }) {
  const { score } = props;
  return (
    <Side
      colour={fighterColour(score.team, score.seat)}
      strong={props.strong}
      score={score.score}
      title={props.title}
      team={0}
      below={score.name}
      alarm={false}
    />
  );
}

function Side(props: {
  colour: number;
  strong: boolean;
  score: number;
  title: ComponentChildren;
  team: number;
  below: string;
  alarm: boolean;
}) {
  return (
    <div
      class={`glass side ${props.strong ? "strong" : ""}`}
      style={{ "--side": css(props.colour) }}
    >
      <span>
        <b>
          <Mark team={props.team} colour={props.colour} size={11} />
          {props.title}
        </b>
        <small class={props.alarm ? "warn" : ""}>
          <bdi>{props.below}</bdi>
        </small>
      </span>
      <strong>{props.score}</strong>
    </div>
  );
}

export function Kills({ kills }: { kills: readonly Kill[] }) {
  return (
    <ul class="kills" aria-live="off">
      {kills.map((kill) => (
        <li key={kill.id} class={`glass ${kill.own ? "own" : ""}`}>
          {kill.killer && <Who person={kill.killer} />}
          <WeaponSign kind={kill.weapon} />
          <Who person={kill.victim} />
        </li>
      ))}
    </ul>
  );
}

function Who({ person }: { person: Person }) {
  const colour = fighterColour(person.team, person.seat);
  return (
    <span class="who" style={{ color: css(colour) }}>
      <Mark team={person.team} colour={colour} size={11} />
      <bdi>{person.name}</bdi>
    </span>
  );
}

export function MetersBar({ view }: { view: HudView }) {
  const { meters } = view;
  if (!meters) {
    return view.watched ? (
      <div class="hud-bottom">
        <p class="glass standing">
          {t("match.watching", { name: view.watched.name })}
          <small class="keys-only"> · {t("match.watchHelp")}</small>
        </p>
      </div>
    ) : null;
  }
  const { hp, ammo, rockets, endless } = meters;
  const low = !endless && ammo <= LOW_AMMO;
  const badges: [text: string, tone: string][] = [];
  if (meters.respawnS === null) {
    if (meters.carrying) {
      badges.push([t("match.carrying", { team: teamName(meters.carrying) }), "warn"]);
    }
    if (meters.shieldS > 0) {
      badges.push([t("match.shielded", { seconds: meters.shieldS.toFixed(1) }), ""]);
    }
    if (meters.hasteS > 0) {
      badges.push([t("match.hasty", { seconds: meters.hasteS.toFixed(0) }), "haste"]);
    }
    if (low) badges.push([t(ammo ? "match.lowAmmo" : "match.noAmmo"), ammo ? "warn" : "bad"]);
  }
  return (
    <div class="hud-bottom">
      <div class="badges">
        {badges.map(([text, tone]) => (
          <span key={text} class={`glass badge ${tone}`}>
            {text}
          </span>
        ))}
      </div>
      <div class="glass meters">
        <Meter kind="health" tone={hp <= LOW_HEALTH ? "bad" : "good"} part={hp / FULL_HEALTH} wide>
          {hp}
        </Meter>
        <Meter
          kind="ammo"
          tone={low ? (ammo ? "warn" : "bad") : ""}
          part={ammo || endless ? meters.rifle : 0}
        >
          {endless ? "∞" : ammo}
        </Meter>
        <Meter kind="rockets" tone={rockets ? "" : "bad"} part={rockets ? meters.rocket : 0}>
          {rockets}
        </Meter>
        <div class="meter dash">
          <b class={meters.dash < 1 ? "muted" : ""}>
            {t(meters.dash < 1 ? "match.dash" : "match.dashReady")}
          </b>
          <Bar part={meters.dash} tone="accent" />
        </div>
      </div>
    </div>
  );
}

function Meter(props: {
  kind: string;
  tone: string;
  part: number;
  wide?: boolean;
  children: number | string;
}) {
  return (
    <div class={`meter ${props.wide ? "wide" : ""}`}>
      <PickupSign kind={props.kind} />
      <span>
        <strong class={props.tone}>{props.children}</strong>
        <Bar part={props.part} tone={props.wide ? props.tone : "plain"} />
      </span>
    </div>
  );
}

function Bar({ part, tone }: { part: number; tone: string }) {
  const share = Math.max(0, Math.min(1, part));
  return (
    <span class={`bar ${tone} ${share < 1 ? "" : "full"}`}>
      <span style={{ width: `${share * 100}%` }} />
    </span>
  );
}

/** The large panel: the start, the own defeat, the end. */
export function Announcement({ view }: { view: HudView }) {
  const { board, startsInS, meters, defeat } = view;
  if (board.phase === PHASE.over) return <Ending view={view} />;
  if (startsInS !== null) {
    return (
      <div class="glass announce">
        <small>{t("match.getReady")}</small>
        <b>{Math.max(1, Math.ceil(startsInS))}</b>
      </div>
    );
  }
  if (!meters || meters.respawnS === null) return null;
  const left = meters.respawnS;
  return (
    <div class="glass announce defeat">
      <small>{defeat ? defeatWords(defeat) : t("match.destroyed")}</small>
      <b>{left >= 0.05 ? t("match.backIn", { seconds: left.toFixed(1) }) : t("match.back")}</b>
    </div>
  );
}

function defeatWords({ killer, weapon }: Kill): string {
  const words = { weapon: named("weapon", weapon) };
  return killer
    ? t("match.destroyedBy", { ...words, name: killer.name })
    : t("match.destroyedSelf", words);
}

function Ending({ view }: { view: HudView }) {
  const { scores, board, teams } = view;
  const own = scores.find((each) => each.own);
  const [a, b] = board.scores;
  const first = firstOf(scores);
  const winner = teams ? (a === b ? null : teamName(a > b ? 1 : 2)) : (first?.name ?? null);
  const mine = own && (teams ? own.team === (a > b ? 1 : 2) : first === own);
  const title = winner === null ? "draw" : own ? (mine ? "victory" : "defeat") : "ended";
  const score = teams ? `  ${Math.max(a, b)} : ${Math.min(a, b)}` : "";
  return (
    <div class="ending">
      <b class={title}>{t(`match.${title}`)}</b>
      <span>{winner === null ? t("match.nobody") : t("match.wins", { name: winner }) + score}</span>
    </div>
  );
}

export function ScoreBoard({ view }: { view: HudView }) {
  const groups = view.teams ? [1, 2] : [0];
  return (
    <section class="glass scoreboard" aria-label={t("touch.scores")}>
      <table>
        <thead>
          <tr>
            <th class="name">{t("score.player")}</th>
            <th>{t("score.score")}</th>
            <th>{t("score.kills")}</th>
            <th>{t("score.deaths")}</th>
          </tr>
        </thead>
        {groups.map((team) => (
          <tbody key={team}>
            {view.scores
              .filter((each) => team === 0 || each.team === team)
              .map((each) => (
                <tr key={each.seat} class={each.own ? "mine" : ""}>
                  <td class="name">
                    <Mark team={each.team} colour={fighterColour(each.team, each.seat)} />
                    <bdi>{each.name}</bdi>
                    {each.bot && <small>{t("score.bot")}</small>}
                    {each.gone && <small class="warn">{t("room.gone")}</small>}
                  </td>
                  <td>
                    <b>{each.score}</b>
                  </td>
                  <td>{each.kills}</td>
                  <td>{each.deaths}</td>
                </tr>
              ))}
          </tbody>
        ))}
      </table>
    </section>
  );
}
