/** The list of the matches that one has played and may watch. */

import { type Client, modeField } from "gameserver-client";
import { useEffect, useState } from "preact/hooks";
import { Panel } from "../parts/basic.js";
import { clockOf } from "../replay/bar.js";
import { listReplays, type PlayedMatch, troubleOf } from "../replay/fetching.js";
import { store } from "../store.js";
import { apart } from "../texts/apart.js";
import { choiceOf, language, t } from "../texts/index.js";

export function Replays({ client }: { client: Client }) {
  const [matches, setMatches] = useState<readonly PlayedMatch[] | null>(null);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    listReplays(client, stop.signal).then(setMatches, (error: unknown) => {
      if (!stop.signal.aborted) setTrouble(troubleOf(error));
    });
    return () => stop.abort();
  }, [client]);
  useEffect(() => {
    const keys = ({ key }: KeyboardEvent) => key === "Escape" && store.showReplays(false);
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, []);
  return (
    <main class="page replays">
      <header class="top">
        <div>
          <h1>{t("replays.title")}</h1>
          <p class="muted">{t("replays.help")}</p>
        </div>
        <button type="button" class="quiet" onClick={() => store.showReplays(false)}>
          {t("replays.back")}
        </button>
      </header>
      <Panel title={t("replays.matches")} right={matches?.length || ""} class="list">
        {trouble ? (
          <p class="empty warn" role="alert">
            {trouble}
          </p>
        ) : (
          matches?.length === 0 && <p class="empty">{t("replays.none")}</p>
        )}
        <ul class="rows">
          {matches?.map((match) => (
            <li key={match.match_id} class="played">
              <span class="when">{whenOf(match.began_ms)}</span>
              <span class="what">
                <b>{match.map}</b>
                <small>{[modeOf(match), clockOf(match.seconds)].filter(Boolean).join(" · ")}</small>
              </span>
              <span class="who-played">
                <bdi>{match.players.map(apart).join(", ")}</bdi>
                {match.bots > 0 && (
                  <small>
                    {t(match.bots === 1 ? "replays.bot" : "replays.bots", { count: match.bots })}
                  </small>
                )}
              </span>
              <span class="muted">{resultOf(match)}</span>
              <button type="button" class="primary" onClick={() => store.watch(match.match_id)}>
                {t("replays.watch")}
              </button>
            </li>
          ))}
        </ul>
      </Panel>
    </main>
  );
}

function modeOf({ mode }: PlayedMatch): string {
  const { form } = store;
  return form ? choiceOf(form.game, modeField(form), mode) : mode;
}

function whenOf(ms: number): string {
  return new Date(ms).toLocaleString(language(), { dateStyle: "short", timeStyle: "short" });
}

function resultOf({ reason, winner, team_scores }: PlayedMatch): string {
  if (reason !== "finished") {
    const known = ["fault", "abandoned", "stopped"].includes(reason);
    return known ? t(`results.${reason}` as "results.fault") : reason;
  }
  const words = winner ? t("match.wins", { name: winner }) : t("match.draw");
  return team_scores.length ? `${words}  ${team_scores.join(" : ")}` : words;
}
