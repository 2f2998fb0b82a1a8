/** The chain's time, and moving it: a delay of 48 hours is 48 hours, unless one owns the chain. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { ChainClock, ReplyEntry } from "../wire.ts";
import { Icon } from "./icon.tsx";
import { local, span } from "./moment.ts";
import { Working } from "./reply.tsx";
import { Text } from "./text.tsx";

const units = { minutes: 60, hours: 3600, days: 86_400 };

/** `onAdvance` returns the id of the private answer, which is shown here too. */
export function ClockControl(props: {
  clock: ChainClock;
  replies: Map<string, ReplyEntry>;
  onAdvance: (seconds: number, said: string) => string;
}) {
  const [open, setOpen] = useState(false);
  const [asked, setAsked] = useState("");
  const frame = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => !frame.current?.contains(event.target as Node) && setOpen(false);
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("keydown", onKeyDown);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("keydown", onKeyDown);
    };
  }, [open]);
  const advance = (seconds: number, said: string) => setAsked(props.onAdvance(seconds, said));
  return (
    <div class="clock" ref={frame}>
      <button type="button" class="clock-button" ref={button} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="clock" />
        <ClockFace clock={props.clock} />
      </button>
      {open && <Panel {...props} asked={props.replies.get(asked)} onAdvance={advance} />}
    </div>
  );
}

function ClockFace({ clock }: { clock: ChainClock }) {
  if ("fault" in clock) return <span class="clock-time">{clock.fault || "Chain time"}</span>;
  const at = Number(clock.chainTime) * 1000;
  const iso = new Date(at).toISOString();
  return (
    <>
      <time class="clock-time" dateTime={iso} title={local(at)}>
        <span class="clock-date">{iso.slice(0, 10)} </span>
        {iso.slice(11, 19)} UTC
      </time>
      <span class="clock-block">block {Number(clock.block).toLocaleString("en-GB")}</span>
    </>
  );
}

/** To five minutes: the newest block is always some seconds old. */
function roughly(milliseconds: number): number {
  return Math.round(milliseconds / 300_000) * 300_000;
}

function Panel(props: {
  clock: ChainClock;
  asked: ReplyEntry | undefined;
  onAdvance: (seconds: number, said: string) => void;
}) {
  const [amount, setAmount] = useState("7");
  const [unit, setUnit] = useState<keyof typeof units>("days");
  const working = props.asked?.answeredAt === null;
  const seconds = Math.round(Number(amount) * units[unit]);
  const allowed = seconds > 0 && seconds <= 366 * 86_400;
  const ahead = "fault" in props.clock ? 0 : roughly(Number(props.clock.chainTime) * 1000 - Date.now());
  return (
    <section class="clock-panel" aria-label="Chain time">
      <h3>Move the chain's time forward</h3>
      <p class="muted">
        Everybody here goes by this clock. {ahead > 0 && `It is ${span(ahead)} ahead of your machine's.`}
      </p>
      <div class="presets">
        {[1, 24, 48].map((hours) => (
          <button
            type="button"
            class="button plain"
            disabled={working}
            onClick={() => props.onAdvance(hours * 3600, `Move time forward by ${hours} h`)}
            key={hours}
          >
            +{hours} h
          </button>
        ))}
      </div>
      <form
        class="custom-time"
        onSubmit={(event) => {
          event.preventDefault();
          if (allowed && !working) props.onAdvance(seconds, `Move time forward by ${amount} ${unit}`);
        }}
      >
        <input
          type="number"
          min="1"
          max="10000"
          step="any"
          aria-label="Amount"
          value={amount}
          onInput={(event) => setAmount(event.currentTarget.value)}
        />
        <select aria-label="Unit" value={unit} onChange={(event) => setUnit(event.currentTarget.value as typeof unit)}>
          {Object.keys(units).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <button type="submit" class="button plain" disabled={!allowed || working}>
          Move
        </button>
      </form>
      {working && <Working lines={props.asked?.progress ?? []} />}
      {!working && props.asked?.view?.kind === "notice" && (
        <p class={`clock-answer tone-${props.asked.view.tone}`} role="status">
          <Icon name={props.asked.view.tone} />
          <Text>{props.asked.view.text}</Text>
        </p>
      )}
    </section>
  );
}
