/**
 * Two sticks and two buttons for thumbs: the left one runs, the right one aims and fires. Those who watch
 * have buttons for the next and the previous player instead.
 */

import { useRef, useState } from "preact/hooks";
import type { Controls, Push } from "../controls/controls.js";
import { PickupSign } from "../parts/basic.js";
import { t } from "../texts/index.js";

/** Pixels from the middle of a stick to its end. */
const REACH = 52;

export function TouchControls(props: {
  controls: Controls;
  watches: boolean;
  chat: () => void;
  scores: () => void;
  menu: () => void;
}) {
  const { controls } = props;
  return (
    <div class="touch touch-only">
      {props.watches ? <Following controls={controls} /> : <Thumbs controls={controls} />}
      <div class="corner">
        <button type="button" class="small" onClick={props.scores}>
          {t("touch.scores")}
        </button>
        <button type="button" class="small" onClick={props.chat}>
          {t("touch.chat")}
        </button>
        <button type="button" class="small" aria-label={t("menu.title")} onClick={props.menu}>
          ☰
        </button>
      </div>
    </div>
  );
}

function Thumbs({ controls }: { controls: Controls }) {
  return (
    <>
      <Stick side="left" push={controls.run} />
      <Stick side="right" push={controls.aim} />
      <div class="thumbs">
        <button
          type="button"
          class="round"
          aria-label={t("touch.rocket")}
          onPointerDown={() => controls.press("rocket")}
        >
          <PickupSign kind="rockets" size={44} />
        </button>
        <button
          type="button"
          class="round"
          aria-label={t("touch.dash")}
          onPointerDown={() => controls.press("dash")}
        >
          <PickupSign kind="haste" size={44} />
        </button>
      </div>
    </>
  );
}

/** What a spectator's thumbs do: follow another player. */
function Following({ controls }: { controls: Controls }) {
  return (
    <div class="following">
      <button type="button" onClick={() => controls.follow(-1)}>
        {t("touch.previous")}
      </button>
      <button type="button" onClick={() => controls.follow(1)}>
        {t("touch.next")}
      </button>
    </div>
  );
}

export function Stick({ side, push }: { side: "left" | "right"; push: Push }) {
  const middle = useRef<{ id: number; x: number; y: number } | null>(null);
  const [knob, setKnob] = useState<{ x: number; y: number; dx: number; dy: number } | null>(null);
  const move = (x: number, y: number) => {
    const from = middle.current;
    if (!from) return;
    const far = Math.hypot(x - from.x, y - from.y);
    const share = far > REACH ? REACH / far : 1;
    const [dx, dy] = [(x - from.x) * share, (y - from.y) * share];
    push.x = dx / REACH;
    push.y = dy / REACH;
    setKnob({ x: from.x, y: from.y, dx, dy });
  };
  const end = ({ pointerId }: PointerEvent) => {
    if (middle.current?.id !== pointerId) return;
    middle.current = null;
    push.x = push.y = 0;
    setKnob(null);
  };
  return (
    <div
      class={`stick ${side}`}
      onPointerDown={(event) => {
        if (middle.current) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        middle.current = { id: event.pointerId, x: event.clientX, y: event.clientY };
        move(event.clientX, event.clientY);
      }}
      onPointerMove={(event) => {
        if (middle.current?.id === event.pointerId) move(event.clientX, event.clientY);
      }}
      onPointerUp={end}
      onPointerCancel={end}
    >
      {knob ? (
        <>
          <i class="base" style={{ left: `${knob.x}px`, top: `${knob.y}px` }} />
          <i class="knob" style={{ left: `${knob.x + knob.dx}px`, top: `${knob.y + knob.dy}px` }} />
        </>
      ) : (
        <i class="base rest" />
      )}
    </div>
  );
}
