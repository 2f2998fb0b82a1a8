/** How much a Slack message still takes, and what was left out for want of it. */

import { cut } from "../inert-text.ts";

/** Slack takes 50 blocks; from about 12,000 characters in all texts on it answers msg_blocks_too_long. */
const mostBlocks = 50;
const mostCharacters = 11_500;
/** Less than this of a text tells nobody anything. */
const leastUse = 60;

export class Space {
  blocks = mostBlocks;
  characters = mostCharacters;
  readonly #missing = { lines: 0, characters: 0, buttons: 0 };

  /** The text, cut to `most` and to what is left; undefined, and counted, where too little is left for it. */
  fit(text: string, most: number): string | undefined {
    const limit = Math.min(most, this.characters);
    if (text.length <= limit) {
      this.characters -= text.length;
      return text;
    }
    if (limit < leastUse) {
      this.leaveOut([text]);
      return undefined;
    }
    const kept = cut(text, limit - 28);
    const gone = text.length - kept.length + 1;
    this.#missing.characters += gone;
    const shown = `${kept} (${counted(gone, "more character")})`;
    this.characters -= shown.length;
    return shown;
  }

  /** Takes room for texts that cannot be cut; false, and nothing taken, where it is not there. */
  take(characters: number): boolean {
    if (characters > this.characters) return false;
    this.characters -= characters;
    return true;
  }

  leaveOut(lines: readonly string[]): void {
    this.#missing.lines += lines.length;
    for (const line of lines) this.#missing.characters += line.length;
  }

  leaveOutButtons(count: number): void {
    this.#missing.buttons += count;
  }

  /** "12 lines and 8,000 characters are left out here"; undefined where all is there. */
  get missing(): string | undefined {
    const { lines, characters, buttons } = this.#missing;
    const parts = [
      ...(lines > 0 ? [counted(lines, "line")] : []),
      ...(characters > 0 ? [counted(characters, "character")] : []),
      ...(buttons > 0 ? [counted(buttons, "button")] : []),
    ];
    const last = parts.pop();
    if (last === undefined) return undefined;
    const one = parts.length === 0 && lines + characters + buttons === 1;
    return `${parts.length === 0 ? last : `${parts.join(", ")} and ${last}`} ${one ? "is" : "are"} left out here`;
  }
}

export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
