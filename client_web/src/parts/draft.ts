/** The line that is written into a text field, and those that were refused. */

import type { Channel, Client } from "gameserver-client";
import { useEffect, useRef, useState } from "preact/hooks";
import { sentence, store } from "../store.js";
import { lastOther, messageOf, type Sent, whisperTo } from "./written.js";

/** The open text fields; a button elsewhere begins a line in them. */
const fields = new Set<(start: string) => void>();

/** Begin a line in the chat that is shown, before what is written there already. */
export function beginLine(start: string): void {
  for (const begin of fields) begin(start);
}

/**
 * A draft that is sent at once and comes back if it is refused, with the reason. A refused line waits
 * until the field is empty, so nothing that is written meanwhile is lost.
 */
export function useDraft(client: Client) {
  const [draft, setDraft] = useState("");
  const [why, setWhy] = useState("");
  const [refused, setRefused] = useState<{ text: string; why: string }[]>([]);
  const field = useRef<HTMLInputElement>(null);
  // Chosen before the first letter: a whisper that comes meanwhile turns no answer to another player.
  const answered = useRef(lastOther(client));
  if (!draft) answered.current = lastOther(client);
  useEffect(() => {
    const begin = (start: string) => {
      setDraft((text) => start + (text.startsWith("/") ? "" : text));
      field.current?.focus();
    };
    fields.add(begin);
    return () => {
      fields.delete(begin);
    };
  }, []);
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
  const send = async (sent: Sent, text: string) => {
    write("");
    try {
      await client.request("chat.send", sent);
    } catch (error) {
      const why = sentence(error);
      store.say(why);
      setRefused((lines) => [...lines, { text, why }]);
    }
  };
  /** Send the line; false if it stays in the field, with a hint. */
  const submit = (channel: Channel): boolean => {
    if (!draft.trim()) {
      write("");
      return true;
    }
    const sent = messageOf(channel, draft, answered.current);
    if (typeof sent === "string") {
      setWhy(sent);
      store.say(sent);
      return false;
    }
    // A refused answer comes back as a whisper, since another tab may be open by then.
    const answers = sent.recipient && answered.current;
    void send(sent, answers ? whisperTo(answers.name) + sent.text : draft);
    return true;
  };
  return { draft, why, field, answered: answered.current, write, submit };
}
