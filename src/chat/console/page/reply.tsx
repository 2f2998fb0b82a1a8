/** A private answer: what was asked, what is going on, and what came of it. */

import { useEffect, useMemo, useState } from "preact/hooks";
import type { View } from "../../../view.ts";
import type { ReplyEntry, Wire } from "../wire.ts";
import { BotAvatar } from "./avatar.tsx";
import { Body, PageLink, Status } from "./body.tsx";
import { CardContent } from "./card.tsx";
import { useDesk } from "./context.ts";
import { Icon } from "./icon.tsx";
import { span } from "./moment.ts";
import { Stamp, Text } from "./text.tsx";

export function ReplyMessage({ entry }: { entry: ReplyEntry }) {
  return useMemo(() => <DrawnReply entry={entry} />, [entry]);
}

function DrawnReply({ entry }: { entry: ReplyEntry }) {
  const desk = useDesk();
  const working = entry.answeredAt === null;
  return (
    <article class="message private" data-reply={entry.id} aria-label="Private answer" aria-busy={working}>
      <BotAvatar />
      <div class="message-body">
        <header class="byline">
          <strong>Quorate</strong>
          <span class="badge">bot</span>
          <Stamp at={entry.askedAt} />
          <span class="only-you">
            <Icon name="eye" /> Only you can see this
          </span>
          {!working && (
            <button
              type="button"
              class="icon-button dismiss"
              aria-label="Dismiss"
              onClick={() => desk.dismiss(entry.id)}
            >
              <Icon name="close" />
            </button>
          )}
        </header>
        <p class="said">
          <Text>{entry.said}</Text>
        </p>
        {working ? <Working lines={entry.progress} /> : <Steps entry={entry} />}
        {entry.view && <Answer entry={entry} view={entry.view} />}
        {!working && !entry.view && <p class="muted">Posted in the channel.</p>}
      </div>
    </article>
  );
}

/** Long work tells its steps as they happen; the newest is the one that runs. */
export function Working({ lines }: { lines: string[] }) {
  const [, tick] = useState(0);
  const [started] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const shown = lines.length > 0 ? lines : ["Working…"];
  const elapsed = Date.now() - started;
  return (
    <div class="working" role="status">
      <ol>
        {shown.map((line, at) => (
          <li class={at === shown.length - 1 ? "current" : "past"} key={at}>
            {at === shown.length - 1 ? <span class="spinner" aria-hidden="true" /> : <Icon name="check" />}
            <span>
              <Text>{line}</Text>
            </span>
            {at === shown.length - 1 && elapsed > 1500 && <span class="elapsed">{span(elapsed)}</span>}
          </li>
        ))}
      </ol>
    </div>
  );
}

function Steps({ entry }: { entry: ReplyEntry }) {
  const { progress, took } = entry;
  if (progress.length === 0) return null;
  return (
    <details class="steps">
      <summary>
        {progress.length === 1 ? "1 step" : `${progress.length} steps`}, {span(took)}
      </summary>
      <ol>
        {progress.map((line, at) => (
          <li key={at}>
            <Text>{line}</Text>
          </li>
        ))}
      </ol>
    </details>
  );
}

function Answer({ entry, view }: { entry: ReplyEntry; view: Wire<View> }) {
  const desk = useDesk();
  switch (view.kind) {
    case "card":
      return (
        <div class={`card tone-${view.tone}`}>
          <CardContent
            entry={{ card: view, postedAt: entry.askedAt, changedAt: entry.askedAt, edits: 0, page: null }}
          />
        </div>
      );
    case "notice": {
      const { again } = entry;
      const refused = view.tone === "bad" || view.tone === "warning";
      return (
        <div class={`notice tone-${view.tone}`}>
          <p class="notice-text">
            <Icon name={view.tone} />
            <span>
              <span class="unseen">{toneWord[view.tone]}</span>
              <Text>{view.text}</Text>
            </span>
          </p>
          <Body {...view} />
          {entry.page !== null && <PageLink path={entry.page} />}
          {again && refused && (
            <div class="actions">
              <button type="button" class="button plain" onClick={() => desk.openForm(entry, again)}>
                Edit and send again
              </button>
            </div>
          )}
        </div>
      );
    }
    case "form":
      return (
        <Waiting icon="form" title={view.title} button="Fill in the form" onOpen={() => desk.openForm(entry, view)} />
      );
    case "wallet": {
      const done = entry.signing.filter((each) => each.state === "done").length;
      const all = view.items.length + (view.message === undefined ? 0 : 1);
      const tone = done === all ? "good" : entry.signing.some((each) => each.state === "failed") ? "bad" : "progress";
      return (
        <Waiting
          icon="wallet"
          title={view.title}
          button={done === all ? "Show" : "Open wallet request"}
          onOpen={() => desk.openWallet(entry, view)}
        >
          <Status tone={tone}>{`${done} of ${all} done`}</Status>
        </Waiting>
      );
    }
  }
}

/** Read before the sentence by those who do not see the symbol. */
const toneWord = { neutral: "", progress: "Under way: ", good: "Done: ", warning: "Careful: ", bad: "No: " };

function Waiting(props: {
  icon: "form" | "wallet";
  title: string;
  button: string;
  onOpen: () => void;
  children?: preact.ComponentChildren;
}) {
  return (
    <div class="waiting">
      <Icon name={props.icon} />
      <strong>
        <Text>{props.title}</Text>
      </strong>
      {props.children}
      <button type="button" class="button plain" onClick={props.onOpen}>
        {props.button}
      </button>
    </div>
  );
}
