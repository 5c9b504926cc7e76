/** All that is known of one entity, for the author of a game. */

import type { Entity, Match } from "gameserver-client";
import { t } from "../texts/index.js";
import { allOf } from "./facts.js";

export function Inspector({ match, entity }: { match: Match; entity: Entity | null }) {
  if (!entity) return <p class="glass inspector muted">{t("any.click")}</p>;
  const kind = match.schema.entities.find(({ name }) => name === entity.type);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll what is longer than the screen
    <section class="glass inspector" aria-label={t("any.inspect")} tabIndex={0}>
      <h3>{entity.type}</h3>
      <dl>
        {allOf(entity, kind).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
