/** What moves a figure of any game on the screen: sticks, buttons and sliders, and the keys that do the same. */

import { useState } from "preact/hooks";
import { commonKeys } from "../controls/keyrows.js";
import { keyNames } from "../controls/keys.js";
import { Stick } from "../hud/touch.js";
import { t } from "../texts/index.js";
import { type Binding, runKeys, runs } from "./bindings.js";
import type { Holding } from "./holding.js";
import { wordOf } from "./looks.js";

/** What keys do in every game. */
const COMMON = [
  "any.keyChat",
  "any.keyInspect",
  "any.keyNet",
  "any.keyMenu",
  "any.keyWheel",
] as const;
/** Those that a narrow screen does not name: buttons do the same, or nobody needs them. */
const SPARED: readonly string[] = ["any.keyInspect", "any.keyMenu", "any.keyWheel"];

/** What keys and mouse do, a line each. */
export function keysOf(bindings: readonly Binding[]): string[] {
  const some = (kind: Binding["kind"]) => bindings.some((each) => each.kind === kind);
  const presses = bindings
    .map(({ field, keys }) => [wordOf(field.name), keyNames(keys)] as const)
    .filter(([, keys]) => keys)
    .map(([what, keys]) => `${what}: ${keys}`);
  return [
    ...(runs(bindings) ? [t("any.run", { keys: runKeys(bindings) })] : []),
    ...(some("angle") ? [t("any.aim")] : []),
    ...(some("point") ? [t("any.point")] : []),
    ...presses,
    COMMON.map((key) => t(key, commonKeys())).join(", "),
  ];
}

export function Hands({ bindings, holding }: { bindings: readonly Binding[]; holding: Holding }) {
  const buttons = bindings.filter(({ kind }) => kind === "press" || kind === "hold");
  const numbers = bindings.filter(({ kind }) => kind === "number");
  const aims = bindings.some(({ kind }) => kind === "angle");
  const points = bindings.some(({ kind }) => kind === "point");
  return (
    <>
      <div class="touch touch-only">
        {runs(bindings) && <Stick side="left" push={holding.run} />}
        {aims && <Stick side="right" push={holding.aim} />}
      </div>
      <div class="hands">
        <p class="glass keys-only muted">
          {runs(bindings) && <span>{t("any.run", { keys: runKeys(bindings) })}</span>}
          {aims && <span>{t("any.aim")}</span>}
          {points && <span>{t("any.point")}</span>}
          {COMMON.map((key) => (
            <span key={key} class={SPARED.includes(key) ? "roomy" : ""}>
              {t(key, commonKeys())}
            </span>
          ))}
        </p>
        {numbers.map((binding) => (
          <Slider key={binding.field.name} binding={binding} holding={holding} />
        ))}
        {buttons.map((binding) => (
          <Act key={binding.field.name} binding={binding} holding={holding} />
        ))}
      </div>
    </>
  );
}

function Slider({ binding, holding }: { binding: Binding; holding: Holding }) {
  const [, again] = useState(0);
  const { name, lo, hi } = binding.field;
  return (
    <label class="glass slide">
      {wordOf(name)} <b>{holding.valueOf(binding)}</b>
      <input
        type="range"
        min={lo}
        max={hi}
        value={holding.valueOf(binding)}
        onInput={(event) => {
          holding.set(name, event.currentTarget.valueAsNumber);
          again((times) => times + 1);
        }}
      />
    </label>
  );
}

/** A button that is held by a finger, or by Enter or Space while it has the focus. */
function Act({ binding, holding }: { binding: Binding; holding: Holding }) {
  const keys = keyNames(binding.keys);
  const release = () => holding.touch(binding, false);
  const byKey = (event: KeyboardEvent, act: () => void) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) act();
  };
  return (
    <button
      type="button"
      class="act"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        holding.touch(binding, true);
      }}
      onPointerUp={(event) => {
        release();
        event.currentTarget.blur(); // Space is the game's again
      }}
      onPointerCancel={release}
      onKeyDown={(event) => byKey(event, () => holding.touch(binding, true))}
      onKeyUp={(event) => byKey(event, release)}
      onBlur={release}
    >
      {wordOf(binding.field.name)}
      {keys && <kbd class="keys-only">{keys}</kbd>}
    </button>
  );
}
