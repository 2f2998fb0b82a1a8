/** Text from people and chains, made harmless to read: nothing is markup, and nothing in it is invisible. */

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "./icon.tsx";
import { local, sameDay, shortDay, utc } from "./moment.ts";

/**
 * Characters that a reader cannot see or that reorder what they see: format and control characters (bidirectional
 * overrides, zero-width spaces, tags), unassigned ones, and the letters that render as nothing.
 */
const hidden = /[\p{Cf}\p{Cc}\p{Cn}\p{Co}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]|\u034f|\u17b4|\u17b5/u;
/** A date and time in UTC, as the bot writes it. */
const moment = /\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?: ?UTC|Z)/;
const pieces = new RegExp(`(${moment.source}|${hidden.source})`, "gu");

/** One value in its own direction, so that it cannot reorder what is around it. */
export function Text({ children }: { children: string }) {
  return <bdi>{inert(children)}</bdi>;
}

function inert(text: string): (string | VNode)[] {
  return text.split(pieces).map((piece, at, all) => {
    if (at % 2 === 0 || /^[\n\t]$/.test(piece)) return piece;
    if (moment.test(piece)) return <Moment text={piece} key={at} />;
    if (piece === "\u200d" && joinsEmoji(all[at - 1] ?? "", all[at + 1] ?? "")) return piece;
    const code = `U+${(piece.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
    return (
      <span class="hidden-character" title={`A character that would not be seen: ${code}`} key={at}>
        {code}
      </span>
    );
  });
}

function joinsEmoji(before: string, after: string): boolean {
  return /\p{Extended_Pictographic}\ufe0f?$/u.test(before) && /^\p{Extended_Pictographic}/u.test(after);
}

function Moment({ text }: { text: string }) {
  const at = new Date(text.replace(" ", "T").replace(/ ?UTC$/, "Z"));
  if (Number.isNaN(at.getTime())) return <>{text}</>;
  return (
    <time dateTime={at.toISOString()} title={local(at.getTime())}>
      {text}
    </time>
  );
}

/** A message's time in UTC, with the day where it is not that of `after`; the viewer's own time on hovering. */
export function Stamp({ at, after = at }: { at: number; after?: number }) {
  return (
    <time class="stamp" dateTime={new Date(at).toISOString()} title={local(at)}>
      {sameDay(at, after) ? "" : `${shortDay(at)} `}
      {utc(at)}
    </time>
  );
}

/** A value that can be copied whole, in fixed width unless `plain`; `children` is what is shown of it. */
export function Code(props: { value: string; label: string; plain?: boolean; children: string }) {
  const text = <Text>{props.children}</Text>;
  return (
    <span class="code-value">
      {props.plain ? text : <code>{text}</code>}
      <Copy value={props.value} label={props.label} />
    </span>
  );
}

export function Copy({ value, label }: { value: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <button
      type="button"
      class="copy"
      onClick={copy}
      aria-label={copied ? "Copied" : `Copy ${label}`}
      title={copied ? "Copied" : "Copy"}
    >
      <Icon name={copied ? "check" : "copy"} />
    </button>
  );
}
