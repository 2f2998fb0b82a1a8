/** Hashes, addresses and bytes: whole, in groups that an eye can keep its place in, with a way to copy. */

import { useState } from "preact/hooks";
import { Icon } from "./icon.tsx";

export function Copy({ value, label }: { value: string; label: string }) {
  const [state, setState] = useState<"ready" | "done" | "failed">("ready");
  const copy = async () => {
    const done = await navigator.clipboard.writeText(value).then(
      () => true,
      () => false,
    );
    setState(done ? "done" : "failed");
    setTimeout(() => setState("ready"), 2000);
  };
  const words = { ready: `Copy ${label}`, done: "Copied", failed: "Not copied: mark it and copy it by hand" }[state];
  return (
    <button type="button" class="copy" onClick={copy} aria-label={words} title={words}>
      <Icon name={state === "done" ? "check" : "copy"} />
    </button>
  );
}

/** As devices show a hash: upper case, in fours, without 0x. */
export function Hash({
  label,
  value,
  note,
  strong,
}: {
  label: string;
  value: string;
  note?: string;
  strong?: boolean;
}) {
  return (
    <div class={strong ? "hash strong" : "hash"}>
      <dt>
        {label}
        {strong && <span class="tag">compare</span>}
        {note && <span class="note">{note}</span>}
      </dt>
      <dd>
        <code class="groups">
          {groups(value.slice(2).toUpperCase()).map((group, at) => (
            <span key={at}>{group} </span>
          ))}
        </code>
        <Copy value={value} label={label} />
      </dd>
    </div>
  );
}

function groups(text: string): string[] {
  return text.match(/.{1,4}/g) ?? [];
}

/** One line of a list of facts. */
export function Fact({ label, children, code }: { label: string; children: string; code?: boolean }) {
  return (
    <div class="fact">
      <dt>{label}</dt>
      <dd>{code ? <code>{children}</code> : children}</dd>
    </div>
  );
}

/** Long text to be copied or marked by hand; a field, so that the keyboard reaches and scrolls it. */
export function LongText({ label, value }: { label: string; value: string }) {
  return (
    <div class="long-text">
      <textarea readOnly rows={value.length > 160 ? 5 : 3} spellcheck={false} aria-label={label} value={value} />
      <Copy value={value} label={label} />
    </div>
  );
}
