import type { Client } from "gameserver-client";
import { useClock } from "../store.js";
import { sayingOf, t } from "../texts/index.js";

/** Lies over every screen while the connection is lost; what is below stays as it was. */
export function LostLine({ client }: { client: Client }) {
  useClock(200);
  const { status } = client;
  if (status.state !== "reconnecting") return null;
  const wait = Math.ceil(status.retryAt - client.now());
  const seat = status.seatUntil === null ? 0 : Math.floor(status.seatUntil - client.now());
  return (
    <div class="veil">
      <section class="box" role="alertdialog" aria-label={t("line.lost")}>
        <h2>{t("line.lost")}</h2>
        <p>{sayingOf(status.cause, status.reason)}</p>
        <p class="muted">
          {wait > 0 ? t("line.retry", { seconds: wait }) : t("line.trying")}
          {seat > 0 && <> · {t("line.seat", { seconds: seat })}</>}
        </p>
        <div class="row">
          <button type="button" class="primary" onClick={() => client.tryNow()}>
            {t("line.now")}
          </button>
          <button type="button" onClick={() => client.giveUp()}>
            {t("line.giveUp")}
          </button>
        </div>
      </section>
    </div>
  );
}
