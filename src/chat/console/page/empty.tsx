/** What a newcomer sees before the first card. */

import type { Setup } from "../wire.ts";
import { Avatar } from "./avatar.tsx";
import { useDesk } from "./context.ts";
import { Icon } from "./icon.tsx";

export function EmptyChannel({ setup }: { setup: Setup }) {
  const desk = useDesk();
  const first = setup.people.find((person) => person.title.toLowerCase().includes("propos")) ?? setup.people[0];
  const line = setup.commands.some((command) => command.name === "propose") ? "/upgrade propose" : "/upgrade help";
  if (!first) return null;
  const begin = () => {
    if (first.id !== desk.me.id) desk.actAs(first);
    desk.suggest(line);
  };
  return (
    <section class="empty">
      <h2>Run your first upgrade ceremony</h2>
      <p>
        A protocol upgrade passes through several hands here, and no one person can do two of the jobs. You play all of
        them, one at a time.
      </p>
      <ol>
        <li>
          <strong>Propose.</strong> As {first.name}, type <code>{line}</code>. The bot checks it on a fork of the chain.
        </li>
        <li>
          <strong>Approve and sign.</strong> Switch to somebody else under “Act as”; the card says who is wanted next.
        </li>
        <li>
          <strong>Wait, execute, watch.</strong> Move the chain's time forward with the clock above instead of waiting
          two days.
        </li>
      </ol>
      <button type="button" class="button primary begin" onClick={begin}>
        <Avatar person={first} people={setup.people} />
        As {first.name}: <code>{line}</code>
        <Icon name="send" />
      </button>
    </section>
  );
}
