/** The page: who one is, what is open, and the parts side by side. */

import { useEffect, useMemo, useState } from "preact/hooks";
import type { Action } from "../../../view.ts";
import type { Setup, ShownPerson } from "../wire.ts";
import { Avatar } from "./avatar.tsx";
import { pictureUrl } from "./body.tsx";
import { ClockControl } from "./clock-control.tsx";
import { Composer } from "./composer.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { DeskContext } from "./context.ts";
import { type Ask, type Open, openAwaited, useDeskState } from "./desk-state.ts";
import { Dialog } from "./dialog.tsx";
import { EmptyChannel } from "./empty.tsx";
import { type Feed, useFeed } from "./feed.ts";
import { FormDialog } from "./form-dialog.tsx";
import { Icon } from "./icon.tsx";
import { Sidebar } from "./people.tsx";
import { Thread } from "./thread.tsx";
import { Timeline, threadOf } from "./timeline.tsx";
import { WalletDialog } from "./wallet-dialog.tsx";

export function App({ setup }: { setup: Setup }) {
  const [me, actAs] = usePerson(setup.people);
  const feed = useFeed(me.account);
  const { desk, ask, run, open, setOpen, thread, setThread, draft, fault } = useDeskState(me, setup.people, actAs);
  const [menu, setMenu] = useState(false);
  useEffect(() => openAwaited(feed.replies, desk), [feed.replies]);
  useEffect(() => {
    document.title = `${me.name} · ${setup.council}`;
  }, [me, setup]);

  const parent = feed.cards.get(thread);
  const closeThread = () => {
    setThread("");
    document.querySelector<HTMLElement>(`[data-card="${CSS.escape(thread)}"] .thread-link`)?.focus();
  };
  // The clock ticks every second: the messages are drawn again only when one of them has changed.
  const timeline = useMemo(
    () => <Timeline cards={feed.cards} replies={feed.replies} empty={<EmptyChannel setup={setup} />} />,
    [feed.cards, feed.replies, setup],
  );
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
          {timeline}
          <Composer draft={draft} fault={fault} />
        </main>
        {parent && <Thread parent={parent} replies={threadOf(feed.cards.values(), thread)} onClose={closeThread} />}
      </div>
      {open && <Opened open={open} feed={feed} run={run} ask={ask} onClose={() => setOpen(null)} />}
    </DeskContext.Provider>
  );
}

function Opened(props: { open: Open; feed: Feed; run: (action: Action) => void; ask: Ask; onClose: () => void }) {
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
