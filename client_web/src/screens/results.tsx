/** The result of a match: verdict, table, rematch. */

import {
  type Client,
  download,
  fetchReplay,
  type LobbyState,
  type MatchResult,
  type ResultLine,
} from "gameserver-client";
import { useAbout } from "../parts/about.js";
import { Mark, Panel } from "../parts/basic.js";
import { ChatPanel } from "../parts/chat.js";
import { ranksOf, winnerOf } from "../ranks.js";
import { troubleOf } from "../replay/fetching.js";
import { store, useClock } from "../store.js";
import { sayingOf, t, worded } from "../texts/index.js";
import { css, fighterColour, teamColour, teamName } from "../theme.js";

export function Results(props: { client: Client; lobby: LobbyState; result: MatchResult }) {
  const { client, lobby, result } = props;
  useClock(250);
  const { about } = useAbout();
  const own = result.lines.find(({ player_id }) => player_id === client.playerId);
  const me = lobby.members.find(({ player_id }) => player_id === client.playerId);
  const people = lobby.members.filter(({ seat, bot }) => seat >= 0 && !bot);
  const wanting = people.filter(({ ready }) => ready).length;
  const [title, tone, below] = verdict(result, own);
  const until = store.countdownUntil;
  const left = until === null ? null : Math.max(0, Math.round(until - client.now()));
  const teams = result.team_scores.map((_, at) => at + 1);
  const columns = columnsOf(result);
  const ranks = ranksOf(result.lines, teams.length > 0);
  return (
    <main class="page results">
      <header class="top">
        <div>
          <h1 class={tone}>{title}</h1>
          <p class="muted">{below}</p>
        </div>
        <div class="sides">
          {teams.map((team) => (
            <div key={team} class="side" style={{ "--side": css(teamColour(team)) }}>
              <small>
                <Mark team={team} /> {teamName(team)}
              </small>
              <b>{result.team_scores[team - 1]}</b>
            </div>
          ))}
        </div>
      </header>
      <Panel
        title={t("results.title")}
        right={t("results.players", { count: result.lines.length })}
        class="table"
      >
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th>#</th>
                <th class="name">{t("score.player")}</th>
                <th>{t("score.score")}</th>
                {columns.map((name) => (
                  <th key={name}>{columnName(name, store.form?.game ?? "")}</th>
                ))}
              </tr>
            </thead>
            {(teams.length ? teams : [0]).map((team) => (
              <tbody key={team}>
                {team > 0 && (
                  <tr class="team" style={{ color: css(teamColour(team)) }}>
                    <td>
                      <Mark team={team} />
                    </td>
                    <td class="name">{teamName(team)}</td>
                    <td>{result.team_scores[team - 1]}</td>
                    {columns.map((name) => (
                      <td key={name} />
                    ))}
                  </tr>
                )}
                {result.lines.map(
                  (line, at) =>
                    (team === 0 || line.team === team) && (
                      <Row
                        key={line.seat}
                        line={line}
                        place={ranks[at]!}
                        columns={columns}
                        mine={line === own}
                      />
                    ),
                )}
              </tbody>
            ))}
          </table>
        </div>
      </Panel>
      <div class="foot">
        <div class="row">
          <button
            type="button"
            class="primary big"
            disabled={!me || me.seat < 0 || me.ready}
            onClick={() => void store.ask("lobby.rematch")}
          >
            {t(me?.ready ? "results.waiting" : "results.rematch")}
          </button>
          <button type="button" class="big" onClick={() => void store.ask("lobby.leave")}>
            {t("room.leave")}
          </button>
        </div>
        {own && about?.replays && (
          <div class="row">
            <button type="button" onClick={() => store.watch(result.match_id)}>
              {t("replays.watchOne")}
            </button>
            <button type="button" onClick={() => void saveReplay(client, result.match_id)}>
              {t("replays.save")}
            </button>
          </div>
        )}
        <p class="muted" role="status">
          {t("results.want", { count: wanting, people: people.length })}
          {left !== null && <> · {t("results.back", { seconds: left })}</>}
        </p>
      </div>
      <ChatPanel client={client} channels={["lobby", "whisper"]} />
    </main>
  );
}

/** Save the journal, which `gameserver replay` and the pygame client open. */
async function saveReplay(client: Client, matchId: string): Promise<void> {
  try {
    download({ name: `${matchId}.journal.zst`, data: await fetchReplay(client, matchId) });
  } catch (error) {
    store.say(troubleOf(error));
  }
}

/** The counts that this game has of its players: the most common first, and not many. */
function columnsOf({ lines }: MatchResult): string[] {
  const counts = new Map<string, number>();
  for (const { stats } of lines) {
    for (const name of Object.keys(stats)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const names = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)!);
  return names.slice(0, 4);
}

function columnName(name: string, game: string): string {
  const known = ["kills", "deaths"].includes(name);
  return known ? t(`score.${name}` as "score.kills") : worded(game, name.replaceAll("_", " "));
}

function Row(props: {
  line: ResultLine;
  place: number;
  columns: readonly string[];
  mine: boolean;
}) {
  const { line, place, columns, mine } = props;
  return (
    <tr class={mine ? "mine" : ""}>
      <td>{place}</td>
      <td class="name">
        <Mark team={line.team} colour={fighterColour(line.team, line.seat)} />
        <bdi>{line.name}</bdi>
        {line.bot && <small>{t("score.bot")}</small>}
        {mine && <small class="you">{t("room.you")}</small>}
      </td>
      <td>
        <b>{line.score}</b>
      </td>
      {columns.map((name) => (
        <td key={name}>{line.stats[name] ?? 0}</td>
      ))}
    </tr>
  );
}

function verdict(
  result: MatchResult,
  own: ResultLine | undefined,
): [title: string, tone: string, below: string] {
  if (result.reason !== "finished") {
    const known = ["fault", "abandoned", "stopped"].includes(result.reason);
    const words = known
      ? t(`results.${result.reason}` as "results.fault")
      : sayingOf(result.reason, result.message);
    return [t("match.ended"), "", words];
  }
  const name = winnerOf(result, teamName);
  if (!name) return [t("match.draw"), "", t("match.nobody")];
  const below = t("results.won", { name });
  if (!own) return [t("match.ended"), "", below];
  return own.won ? [t("match.victory"), "good", below] : [t("match.defeat"), "bad", below];
}
