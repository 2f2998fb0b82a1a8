/** The page: who one is, what is open, and the parts side by side. */

import { useEffect, useState } from "preact/hooks";
import type { Action, Form } from "../../../view.ts";
import type { ReplyEntry, Setup, ShownPerson } from "../wire.ts";
import { newId, post } from "./api.ts";
import { Avatar } from "./avatar.tsx";
import { pictureUrl } from "./body.tsx";
import { ClockControl } from "./clock-control.tsx";
import { Composer, type Draft } from "./composer.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { type Desk, DeskContext } from "./context.ts";
import { Dialog } from "./dialog.tsx";
import { EmptyChannel } from "./empty.tsx";
import { type Feed, useFeed } from "./feed.ts";
import { FormDialog } from "./form-dialog.tsx";
import { Icon } from "./icon.tsx";
import { Sidebar } from "./people.tsx";
import { Thread } from "./thread.tsx";
import { Timeline, threadOf } from "./timeline.tsx";
import { WalletDialog } from "./wallet-dialog.tsx";

type Open =
  | { kind: "confirm"; action: Action }
  | { kind: "form"; entry: ReplyEntry; form: Form }
  | { kind: "wallet"; reply: string }
  | { kind: "picture"; picture: { title: string; alt: string; svg: string } };

/** Answers that were asked for in this window: their form or wallet request opens by itself. */
const awaited = new Set<string>();

export function App({ setup }: { setup: Setup }) {
  const [me, actAs] = usePerson(setup.people);
  const feed = useFeed(me.account);
  const [open, setOpen] = useState<Open | null>(null);
  const [thread, setThread] = useState("");
  const [menu, setMenu] = useState(false);
  const [draft, setDraft] = useState<Draft>({ line: "", count: 0 });
  const [fault, setFault] = useState("");

  const ask = (action: string, body: Record<string, unknown>) => {
    const id = newId();
    awaited.add(id);
    void post(action, { account: me.account, id, ...body }).then((sentence) => setFault(sentence ?? ""));
    return id;
  };
  const run = (action: Action) => {
    setOpen(null);
    ask("run", { said: action.label, command: action.command, options: action.options });
  };
  const desk: Desk = {
    me,
    people: setup.people,
    actAs(person) {
      setOpen(null);
      actAs(person);
    },
    say: (text) => void ask("say", { text }),
    press: (action) => (action.confirm ? setOpen({ kind: "confirm", action }) : run(action)),
    openForm: (entry, form) => setOpen({ kind: "form", entry, form }),
    openWallet: (entry) => setOpen({ kind: "wallet", reply: entry.id }),
    openThread: setThread,
    openPicture: (picture) => setOpen({ kind: "picture", picture }),
    suggest: (line) => setDraft({ line, count: draft.count + 1 }),
    dismiss: (reply) => void ask("dismiss", { reply }),
  };
  useEffect(() => openAwaited(feed, desk), [feed.replies]);
  useEffect(() => {
    document.title = `${me.name} · ${setup.council}`;
  }, [me, setup]);

  const parent = feed.cards.get(thread);
  const closeThread = () => {
    setThread("");
    document.querySelector<HTMLElement>(`[data-card="${CSS.escape(thread)}"] .thread-link`)?.focus();
  };
  return (
    <DeskContext.Provider value={desk}>
      <div class={parent ? "layout with-thread" : "layout"}>
        <Sidebar setup={setup} open={menu} onClose={() => setMenu(false)} />
        {menu && <button type="button" class="scrim" aria-label="Close" tabIndex={-1} onClick={() => setMenu(false)} />}
        <main class="channel">
          <header class="bar">
            <button type="button" class="person-button only-small" aria-expanded={menu} onClick={() => setMenu(true)}>
              <Avatar person={me} people={setup.people} />
              <span class="unseen">Acting as </span>
              {me.name}
              <Icon name="down" />
            </button>
            <div class="bar-title">
              <h2># upgrades</h2>
              <p class="muted">Ceremonies, approvals and alarms</p>
            </div>
            <ClockControl
              clock={feed.clock}
              replies={feed.replies}
              onAdvance={(seconds, said) => ask("advance", { seconds, said })}
            />
          </header>
          {!feed.connected && (
            <p class="banner" role="status">
              <Icon name="warning" /> The connection to the console is lost. Trying again…
            </p>
          )}
          <Timeline cards={feed.cards} replies={feed.replies} empty={<EmptyChannel setup={setup} />} />
          <Composer draft={draft} fault={fault} />
        </main>
        {parent && <Thread parent={parent} replies={threadOf(feed.cards.values(), thread)} onClose={closeThread} />}
      </div>
      {open && <Opened open={open} feed={feed} run={run} ask={ask} onClose={() => setOpen(null)} />}
    </DeskContext.Provider>
  );
}

function openAwaited(feed: Feed, desk: Desk): void {
  for (const entry of feed.replies.values()) {
    if (entry.answeredAt === null || !awaited.delete(entry.id) || document.querySelector("dialog[open]")) continue;
    if (entry.view?.kind === "form") desk.openForm(entry, entry.view);
    if (entry.view?.kind === "wallet") desk.openWallet(entry, entry.view);
  }
}

function Opened(props: {
  open: Open;
  feed: Feed;
  run: (action: Action) => void;
  ask: (action: string, body: Record<string, unknown>) => string;
  onClose: () => void;
}) {
  const { open, feed, ask, onClose } = props;
  switch (open.kind) {
    case "confirm":
      return <ConfirmDialog action={open.action} onConfirm={() => props.run(open.action)} onClose={onClose} />;
    case "form": {
      const submit = (values: Record<string, string>) => {
        ask("submit", { reply: open.entry.id, values });
        onClose();
      };
      return <FormDialog form={open.form} onSubmit={submit} onClose={onClose} />;
    }
    case "wallet": {
      const entry = feed.replies.get(open.reply);
      if (entry?.view?.kind !== "wallet") return null;
      const sign = () => void ask("sign", { reply: entry.id });
      return <WalletDialog request={entry.view} entry={entry} onSign={sign} onClose={onClose} />;
    }
    case "picture":
      return (
        <Dialog title={open.picture.title} size="large" onClose={onClose}>
          <div class="dialog-body picture">
            <img src={pictureUrl(open.picture.svg)} alt={open.picture.alt} />
            <p class="muted">{open.picture.alt}</p>
          </div>
        </Dialog>
      );
  }
}

/** Whom one acts as, kept in the address so that two windows can be two people. */
function usePerson(people: ShownPerson[]): [ShownPerson, (person: ShownPerson) => void] {
  const named = () => people.find((person) => `#${person.id}` === location.hash) ?? people[0];
  const [me, setMe] = useState(named);
  useEffect(() => {
    const onChange = () => setMe(named);
    addEventListener("hashchange", onChange);
    return () => removeEventListener("hashchange", onChange);
  }, [people]);
  if (!me) throw new Error("the console has no people");
  const actAs = (person: ShownPerson) => {
    history.replaceState(null, "", `#${person.id}`);
    setMe(person);
  };
  return [me, actAs];
}
