/** The line that is written into a text field, and those that were refused. */

import type { Client, Requests } from "gameserver-client";
import { useEffect, useState } from "preact/hooks";
import { sentence, store } from "../store.js";

type Sent = Requests["chat.send"]["params"];

/**
 * A draft that is sent at once and comes back if it is refused, with the reason. A refused line waits
 * until the field is empty, so nothing that is written meanwhile is lost.
 */
export function useDraft(client: Client) {
  const [draft, setDraft] = useState("");
  const [why, setWhy] = useState("");
  const [refused, setRefused] = useState<{ text: string; why: string }[]>([]);
  useEffect(() => {
    const [first, ...later] = refused;
    if (draft || !first) return;
    setDraft(first.text);
    setWhy(first.why);
    setRefused(later);
  }, [draft, refused]);
  const write = (text: string) => {
    setDraft(text);
    if (!text) setWhy("");
  };
  const send = async (sent: Sent | null) => {
    write("");
    if (!sent) return;
    try {
      await client.request("chat.send", sent);
    } catch (error) {
      const why = sentence(error);
      store.say(why);
      setRefused((lines) => [...lines, { text: draft, why }]);
    }
  };
  return { draft, why, write, send };
}
