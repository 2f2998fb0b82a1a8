/** The switch between the sample people: whoever is chosen is who types, presses and signs. */

import type { Setup } from "../wire.ts";
import { Avatar } from "./avatar.tsx";
import { useDesk } from "./context.ts";
import { Icon } from "./icon.tsx";

export function Sidebar({ setup, open, onClose }: { setup: Setup; open: boolean; onClose: () => void }) {
  const desk = useDesk();
  return (
    <nav
      class={open ? "sidebar open" : "sidebar"}
      aria-label="Council"
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <header class="bar">
        <div class="bar-title">
          <h1>{setup.council}</h1>
          <p class="muted">Local chain {setup.chain.replace("eip155:", "")}</p>
        </div>
        <button type="button" class="icon-button only-small" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <fieldset class="people">
        <legend>Act as</legend>
        {setup.people.map((person) => (
          <label class="person" key={person.id}>
            <input
              type="radio"
              name="person"
              value={person.id}
              checked={person.id === desk.me.id}
              onChange={() => {
                desk.actAs(person);
                onClose();
              }}
            />
            <Avatar person={person} people={setup.people} />
            <span class="person-name">{person.name}</span>
            <span class="person-title">{person.title}</span>
          </label>
        ))}
      </fieldset>
      <p class="small-print">
        A sandbox on this machine. You can be each of these people, one at a time. Their wallets and the chain are
        samples.
      </p>
    </nav>
  );
}
