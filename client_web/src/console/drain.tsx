/** What the dialog of a drain says: how long matches go on, and what becomes of them then. */

import { get, type Me, type Page } from "./api.js";
import { useLoaded, useShared } from "./state.js";
import { duration } from "./words.js";

/** Whether a stop at once is something else than a drain, or all that can still be done. */
export const canStop = (me: Me) => me.drain_s > 0 || me.draining;

/** The consequences, to be read before the drain is confirmed. */
export function DrainWords() {
  const { me } = useShared();
  const { value } = useLoaded(() => get<Page>("/matches?limit=1"), "running", 2000);
  if (!me) return null;
  const running = value?.total === 1 ? "1 match runs" : `${value?.total || "No"} matches run`;
  return (
    <div class="about consequences">
      <p>{begins(me)}</p>
      <p>
        {value && `${running} now. `}
        {cut(me)}
      </p>
    </div>
  );
}

function begins(me: Me): string {
  if (me.draining) {
    return (
      "The server drains already: no match begins any more, and it ends behind its last match." +
      " Now it can only be stopped at once."
    );
  }
  if (!me.drain_s) {
    return "The server ends at once and waits for no match: its setting drain-s is 0.";
  }
  return (
    "No lobby opens and no match begins any more. The server ends behind its last match, after" +
    ` ${duration(me.drain_s)} (its setting drain-s) at the latest.`
  );
}

function cut(me: Me): string {
  return me.saves_matches
    ? "Matches that run when it ends are saved, and go on when it is started again."
    : "Matches that run when it ends are over, with the scores of that moment.";
}
