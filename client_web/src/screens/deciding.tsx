/** What one decides in a room: to be ready, to start, to watch, to leave. */

import { type LobbyForm, type Member, seatsOn } from "gameserver-client";
import { SettingsButton } from "../parts/settings.js";
import { store } from "../store.js";
import { t } from "../texts/index.js";
import type { Shared } from "./room.js";

export function Actions(props: Shared & { me: Member | undefined; form: LobbyForm }) {
  const { client, lobby, form, isHost, me } = props;
  const plays = (me?.seat ?? -1) >= 0;
  const people = lobby.members.filter(({ seat, bot }) => seat >= 0 && !bot);
  const ready = people.filter((each) => each.ready).length;
  const running = lobby.phase === "in_match";
  const taken = new Set(lobby.members.map(({ seat }) => seat));
  const free = Array.from({ length: lobby.config.size }, (_, at) => at).find(
    (at) => !taken.has(at),
  );
  const until = store.countdownUntil;
  const left = until === null ? null : Math.max(0, Math.ceil(until - client.now()));
  const fewest = seatsOn(form, lobby.config.map)[0];
  const players = people.length + Math.min(lobby.config.bots, lobby.config.size - people.length);
  const waits =
    left !== null && lobby.phase === "countdown"
      ? t("room.startsIn", { seconds: left })
      : running
        ? t("room.running")
        : players < fewest
          ? t("room.needs", { fewest, players })
          : people.length > 1 && plays && !me!.ready && ready === people.length - 1
            ? t("room.waitsYou")
            : t("room.waits", { ready, people: people.length });
  const offersBots = isHost && plays && !running && people.length === 1 && players < fewest;
  const sit = (seat: number) => void store.ask("lobby.sit", { seat });
  return (
    <div class="deciding">
      {running ? (
        <>
          <button
            type="button"
            class="primary big"
            disabled={free === undefined && !plays}
            onClick={() => sit(plays ? me!.seat : free!)}
          >
            {t("room.play")}
          </button>
          <button type="button" onClick={() => client.watchMatch()}>
            {t("room.watchMatch")}
          </button>
        </>
      ) : plays ? (
        <button
          type="button"
          class={offersBots ? "big" : "primary big"}
          aria-pressed={me!.ready}
          onClick={() => void store.ask("lobby.ready", { ready: !me!.ready })}
        >
          {t(me!.ready ? "room.unsetReady" : "room.setReady")}
        </button>
      ) : (
        <button
          type="button"
          class="primary big"
          disabled={free === undefined}
          onClick={() => sit(free!)}
        >
          {t("room.takeSeat")}
        </button>
      )}
      {offersBots && (
        <button
          type="button"
          class="primary big"
          onClick={() => void store.startWithBots(lobby, fewest - people.length)}
        >
          {t("room.addBots")}
        </button>
      )}
      {isHost && !running && !offersBots && (
        <button
          type="button"
          onClick={() =>
            void store.ask(lobby.phase === "countdown" ? "lobby.cancel" : "lobby.start")
          }
        >
          {t(lobby.phase === "countdown" ? "room.cancelStart" : "room.start")}
        </button>
      )}
      <p class={lobby.phase === "countdown" ? "warn" : "muted"} role="status">
        {waits}
      </p>
      <div class="row spread">
        <button type="button" class="quiet" onClick={() => void store.ask("lobby.leave")}>
          {t("room.leave")}
        </button>
        {plays && !running && lobby.config.spectators && (
          <button type="button" class="quiet" onClick={() => sit(-1)}>
            {t("room.onlyWatch")}
          </button>
        )}
        <SettingsButton />
      </div>
    </div>
  );
}
