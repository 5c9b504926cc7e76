/** The dialog that asks for the reason of an act, and does it. */

import { useEffect, useRef, useState } from "preact/hooks";
import { act as doAct, type Entry, Refused } from "./api.js";
import { canStop, DrainWords } from "./drain.js";
import { type Act, shared, useShared } from "./state.js";
import { duration } from "./words.js";

/** Seconds that a ban or mute may hold: from ten minutes to a year. */
const TIMES = [600, 3600, 86_400, 604_800, 2_592_000, 31_536_000];

/** The button of an act: it opens the dialog. */
export function ActButton({ act, look }: { act: Act; look?: "primary" | "small" }) {
  return (
    <button type="button" class={act.danger ? "danger" : look} onClick={() => shared.ask(act)}>
      {act.title}…
    </button>
  );
}

/** The buttons that ban and mute a player, or what the dialog then asks for. */
export function SanctionButton(props: {
  kind: "ban" | "mute";
  player?: string;
  name?: string;
  address?: string;
}) {
  const { kind, player = "", name = "", address = "" } = props;
  return (
    <ActButton
      act={{
        title: kind === "ban" ? "Ban" : "Mute",
        about: name,
        kind: "sanction",
        path: "/sanctions",
        danger: kind === "ban",
        sanction: { kind, player, name, address },
      }}
    />
  );
}

export function ActDialog() {
  const { act } = useShared();
  return act ? <OpenDialog key={act.path + act.title} act={act} /> : null;
}

function OpenDialog({ act }: { act: Act }) {
  const { me } = useShared();
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState("");
  const [words, setWords] = useState("");
  const [knownBy, setKnownBy] = useState<"session" | "address" | "name">("session");
  const [seconds, setSeconds] = useState(3600);
  const [now, setNow] = useState(false);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const [free, setFree] = useState("");
  useEffect(() => {
    dialog.current?.showModal();
    if (act.kind === "drain") void shared.renew(); // another operator may have let it drain
  }, []);

  const sanction = act.sanction;
  const anew = sanction !== undefined && !sanction.player;
  const stops = act.kind === "drain" && me?.draining;
  const title = stops ? "Stop" : act.title;
  const by = anew && knownBy === "session" ? "address" : knownBy;

  const fields = (): object => {
    switch (act.kind) {
      case "sanction":
        return {
          kind: sanction!.kind,
          known_by: by,
          value: anew ? free : sanction!.player,
          seconds,
          reason,
        };
      case "name":
        return { name: words, reason };
      case "text":
        return { text: words, reason };
      case "drain":
        return { now, reason };
      default:
        return { reason };
    }
  };

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFault("");
    try {
      const done = await doAct(act.path, fields());
      shared.begun(done.entry.act);
      shared.ask(null);
      shared.say(done.warning || told(done.entry), done.warning !== "");
    } catch (error) {
      shared.failed(error);
      const ends = error instanceof Refused && error.code === "server_stopping";
      if (ends)
        await shared.renew(); // the dialog then tells it, and offers the stop
      else setFault((error as Error).message);
      setBusy(false);
    }
  };

  return (
    <dialog ref={dialog} class="act" aria-label={act.title} onClose={() => shared.ask(null)}>
      <form onSubmit={submit}>
        <h2>{title}</h2>
        {act.about && (
          <p class="about">
            <bdi>{act.about}</bdi>
          </p>
        )}
        {act.kind === "drain" && <DrainWords />}
        {act.kind === "sanction" && (
          <>
            <fieldset>
              <legend>It holds for</legend>
              {!anew && (
                <Choice value="session" chosen={by} choose={setKnownBy}>
                  this session
                </Choice>
              )}
              {(anew || sanction!.address) && (
                <Choice value="address" chosen={by} choose={setKnownBy}>
                  {anew ? "an address or network" : `the address ${sanction!.address}`}
                </Choice>
              )}
              <Choice value="name" chosen={by} choose={setKnownBy}>
                {anew ? (
                  "a name"
                ) : (
                  <>
                    the name <bdi>{sanction!.name}</bdi>
                  </>
                )}
              </Choice>
            </fieldset>
            {!anew && !sanction!.address && (
              <p class="hint">
                Not for the address: it is loopback, from where you come, too, and everybody behind
                a proxy of this machine. With the setting trusted-proxies players have their own.
              </p>
            )}
            {anew && (
              <label>
                {by === "address" ? "Address or network" : "Name"}
                <input
                  required
                  maxLength={64}
                  placeholder={by === "address" ? "203.0.113.0/24 or 2001:db8::1" : ""}
                  value={free}
                  onInput={(event) => setFree(event.currentTarget.value)}
                />
              </label>
            )}
            <label>
              For
              <select
                value={String(seconds)}
                onChange={(event) => setSeconds(Number(event.currentTarget.value))}
              >
                {TIMES.map((value) => (
                  <option key={value} value={String(value)}>
                    {duration(value)}
                  </option>
                ))}
              </select>
            </label>
          </>
        )}
        {(act.kind === "name" || act.kind === "text") && (
          <label>
            {act.kind === "name" ? "New name" : "Text for all players"}
            <input
              required
              maxLength={act.kind === "name" ? 20 : 500}
              value={words}
              onInput={(event) => setWords(event.currentTarget.value)}
            />
          </label>
        )}
        {act.kind === "drain" && me && canStop(me) && (
          <label class="check">
            <input
              type="checkbox"
              required={me.draining}
              checked={now}
              onChange={(event) => setNow(event.currentTarget.checked)}
            />
            Stop at once, do not wait for the matches
          </label>
        )}
        <label>
          Reason
          <input
            maxLength={300}
            placeholder={
              act.kind === "text" || act.kind === "drain"
                ? "for the audit log"
                : "the player is told"
            }
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        {fault && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={act.danger ? "danger" : "primary"} disabled={busy}>
            {title}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function Choice<V extends string>(props: {
  value: V;
  chosen: string;
  choose: (value: V) => void;
  children: preact.ComponentChildren;
}) {
  return (
    <label class="check">
      <input
        type="radio"
        name="by"
        checked={props.chosen === props.value}
        onChange={() => props.choose(props.value)}
      />
      <span>{props.children}</span>
    </label>
  );
}

function told(entry: Entry): string {
  const whom = entry.target_name || entry.target;
  const sessions = entry.affected === 1 ? "1 session" : `${entry.affected} sessions`;
  return `Done: ${entry.act}${whom ? ` ${whom}` : ""} (${sessions})`;
}
