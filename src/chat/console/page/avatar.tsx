/** Who somebody is, at a glance: initials on a colour of their own. */

import type { ShownPerson } from "../wire.ts";

const colours = 7;

/** A class that gives the person's colour to whatever has it. */
export function personColour(person: ShownPerson, people: ShownPerson[]): string {
  return `person-${Math.max(0, people.indexOf(person)) % colours}`;
}

export function Avatar({ person, people }: { person: ShownPerson; people: ShownPerson[] }) {
  return (
    <span class={`avatar ${personColour(person, people)}`} aria-hidden="true">
      {initials(person.name, people)}
    </span>
  );
}

/** Two letters of the name; of first and last name where there are two. */
function initials(name: string, people: ShownPerson[]): string {
  const words = name.trim().split(/\s+/);
  const [first = "?", last] = [words[0], words.length > 1 ? words.at(-1) : undefined];
  const short = last ? first.charAt(0) + last.charAt(0) : first.slice(0, 2);
  const taken = people.filter((each) => each.name.startsWith(short) && each.name !== name).length > 0 && !last;
  return (taken ? first.charAt(0) + first.slice(-1) : short).toUpperCase();
}

/** The bot's own mark. */
export function BotAvatar() {
  return (
    <span class="avatar bot" aria-hidden="true">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <circle cx="16" cy="15" r="7.5" />
        <path d="M19.5 19.5l4 4.5" />
      </svg>
    </span>
  );
}
