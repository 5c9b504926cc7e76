/** The menu of a match; the match goes on behind it. */

import type { Client, Match } from "gameserver-client";
import { useEffect, useState } from "preact/hooks";
import type { KeyRow } from "../controls/keyrows.js";
import { keyName, keyOf } from "../controls/keys.js";
import { Choices } from "../parts/choices.js";
import { Dialog } from "../parts/dialog.js";
import { KeyChoice } from "../parts/keychoice.js";
import { store } from "../store.js";
import { t } from "../texts/index.js";
import { saveTape } from "./panels.js";

interface MenuProps {
  client: Client;
  match: Match;
  close: () => void;
  repaint: () => void;
  /** Show the figures of the line. */
  net: () => void;
  /** Show the fields of entities, or hide them. */
  inspect: () => void;
  /** What the keys do, a line each. */
  keys: readonly string[];
  /** The keys that can be changed. */
  rows: readonly KeyRow[];
}

export function Menu(props: MenuProps) {
  const [changes, change] = useState(false);
  const title = t(changes ? "keys.title" : "menu.title");
  return (
    <Dialog key={title} title={title} class={changes ? "menu wide" : "menu"}>
      {changes ? (
        <>
          <KeyChoice rows={props.rows} />
          <button type="button" class="primary" onClick={() => change(false)}>
            {t("keys.back")}
          </button>
        </>
      ) : (
        <Entries {...props} change={() => change(true)} />
      )}
    </Dialog>
  );
}

function Entries(props: MenuProps & { change: () => void }) {
  const { client, match } = props;
  useEffect(() => {
    if (store.heard.includes(store.toast)) store.say(""); // it is told here
  }, []);
  return (
    <>
      {store.heard.map((words) => (
        <p key={words} class="warn heard">
          {words}
        </p>
      ))}
      <button type="button" class="primary" onClick={props.close}>
        {t("menu.resume")}
      </button>
      <Choices repaint={props.repaint} />
      <ul class="muted keys keys-only" aria-label={t("menu.keys")}>
        {props.keys.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <button type="button" class="keys-only" onClick={props.change}>
        {t("keys.change")}
      </button>
      <button type="button" onClick={props.net}>
        {t("net.title")} <kbd class="keys-only">{keyName(keyOf("net"))}</kbd>
      </button>
      <button type="button" onClick={props.inspect}>
        {t("any.inspect")} <kbd class="keys-only">{keyName(keyOf("inspect"))}</kbd>
      </button>
      <button type="button" onClick={() => void saveTape(match)}>
        {t("menu.tape")} <kbd class="keys-only">{keyName(keyOf("tape"))}</kbd>
      </button>
      <div class="row">
        <button type="button" onClick={() => void store.leaveMatch()}>
          {t("menu.leaveMatch")}
        </button>
        <button
          type="button"
          class="danger"
          onClick={() => void client.request("lobby.leave").catch(() => {})}
        >
          {t("menu.leaveLobby")}
        </button>
      </div>
    </>
  );
}
