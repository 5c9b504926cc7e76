/** Figures of the line, a line that is made bad on purpose, and the last half minute step by step. */

import type { Client, Conditions, Match } from "gameserver-client";
import { useEffect, useRef, useState } from "preact/hooks";
import { sentenceOf } from "../any/facts.js";
import { type TextKey, t } from "../texts/index.js";
import { type NetFigures, NetSampler } from "./netfigures.js";
import type { Stepper } from "./stepper.js";

const SAMPLE_MS = 250;
const [WIDE, HIGH] = [108, 22];
const FEWEST_BARS = 48;

export function NetPanel(props: {
  client: Client;
  match: Match;
  stepper: Stepper;
  nameOf: (seat: number) => string;
  close: () => void;
}) {
  const { client, match, stepper } = props;
  const [figures, setFigures] = useState<NetFigures | null>(null);
  useEffect(() => {
    const sampler = new NetSampler(client, match);
    const sample = () => setFigures(sampler.sample());
    sample();
    const timer = setInterval(sample, SAMPLE_MS);
    return () => clearInterval(timer);
  }, [client, match]);
  return (
    <section class="glass net" aria-label={t("net.title")}>
      <h3>
        {t("net.title")}
        <button type="button" class="small" aria-label={t("net.close")} onClick={props.close}>
          ✕
        </button>
      </h3>
      {/* What is stepped through is in sight without a scroll, on a low screen as well. */}
      {stepper.step && <Steps stepper={stepper} nameOf={props.nameOf} />}
      {figures && <Graph figures={figures} />}
      <Simulation client={client} />
      {!stepper.step && (
        <button type="button" class="small" onClick={() => stepper.open()}>
          {t("net.step")}
        </button>
      )}
    </section>
  );
}

function Graph({ figures }: { figures: NetFigures }) {
  return (
    <dl>
      {figures.map(({ key, value, spark }) => (
        <div key={key}>
          <dt>{t(`net.${key}` as TextKey)}</dt>
          {spark && <Spark values={spark} />}
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Values as bars, from 0 to the largest. */
function Spark({ values }: { values: readonly number[] }) {
  const most = Math.max(1e-9, ...values);
  const step = WIDE / Math.max(FEWEST_BARS, values.length);
  const bars = values.map((value, n) => {
    const x = ((n + 0.5) * step).toFixed(1);
    return `M${x} ${HIGH}V${(HIGH - Math.max(0.5, (value / most) * (HIGH - 1))).toFixed(1)}`;
  });
  return (
    <svg aria-hidden="true" viewBox={`0 0 ${WIDE} ${HIGH}`} width={WIDE} height={HIGH}>
      <path d={bars.join("")} stroke-width={Math.max(0.5, step * 0.8)} />
    </svg>
  );
}

const KNOBS = [
  { key: "lagMs", unit: "ms", most: 500, step: 10 },
  { key: "jitterMs", unit: "ms", most: 200, step: 5 },
  { key: "lossPercent", unit: "%", most: 20, step: 1 },
] as const;

function Simulation({ client }: { client: Client }) {
  const [, again] = useState(0);
  const set = (change: Conditions) => {
    client.conditions = { ...client.conditions, ...change };
    again((times) => times + 1);
  };
  return (
    <fieldset>
      <legend>{t("net.simulate")}</legend>
      {KNOBS.map(({ key, unit, most, step }) => (
        <label key={key}>
          {t(`net.${key}`)}
          <input
            type="range"
            min="0"
            max={most}
            step={step}
            value={client.conditions[key] ?? 0}
            onInput={(event) => set({ [key]: event.currentTarget.valueAsNumber })}
          />
          <b>
            {client.conditions[key] ?? 0} {unit}
          </b>
        </label>
      ))}
    </fieldset>
  );
}

function Steps({ stepper, nameOf }: { stepper: Stepper; nameOf: (seat: number) => string }) {
  const { step, index, length } = stepper;
  const slider = useRef<HTMLInputElement>(null);
  useEffect(() => slider.current?.focus(), []);
  if (!step) return null;
  return (
    <fieldset class="steps">
      <legend>{t("net.past")}</legend>
      <p role="status">
        {t("net.tick", { tick: step.tick })}{" "}
        <b>{t("net.ago", { seconds: step.agoS.toFixed(1) })}</b>
      </p>
      <input
        ref={slider}
        type="range"
        aria-label={t("net.past")}
        min="0"
        max={length - 1}
        value={index}
        onInput={(event) => stepper.to(event.currentTarget.valueAsNumber)}
      />
      <div class="row">
        <button
          type="button"
          class="small"
          aria-label={t("net.back")}
          onClick={() => stepper.by(-1)}
        >
          ◀
        </button>
        <button
          type="button"
          class="small"
          aria-label={t("net.forward")}
          onClick={() => stepper.by(1)}
        >
          ▶
        </button>
        <button type="button" class="small primary" onClick={() => stepper.close()}>
          {t("net.now")}
        </button>
      </div>
      <ul>
        {step.events.map((event, n) => (
          <li key={`${n}`}>{sentenceOf(event, nameOf)}</li>
        ))}
      </ul>
    </fieldset>
  );
}
