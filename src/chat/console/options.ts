/** What the console is given by the program: everything it shows and whatever people do goes through here. */

import type { Invocation, Option } from "../../command.ts";
import type { View } from "../../view.ts";
import type { Time } from "./clock.ts";
import type { Sign } from "./work.ts";

export interface ConsoleOptions {
  /** 0: any free one. The host is always 127.0.0.1. */
  port: number;
  /** The chain that everything here is about: one that the program started itself, with an id of no public chain. */
  chain: { id: string; startedByUs: true };
  /** Shown as the workspace's name. */
  council: string;
  /** Sample people that a visitor can act as. */
  people: readonly { id: string; name: string; account: string; title: string }[];
  commands: readonly {
    name: string;
    summary: string;
    example: string;
    roles: readonly string[];
    options: readonly Option[];
  }[];
  dispatch(invocation: Invocation, progress: (text: string) => void): Promise<View>;
  /** Values that fit what was typed so far. */
  complete(
    account: string,
    command: string,
    option: string,
    typed: string,
  ): Promise<{ value: string; label: string }[]>;
  /** The person's own wallet signs the item, through the same intake as any wallet; the answer is shown to them alone. */
  sign: Sign;
  time: Time & {
    /** Moves the chain's time forward by this many seconds. */
    advance(seconds: bigint, progress: (text: string) => void): Promise<View>;
  };
  /** The ceremonies' pages, served below the console's own address; left out, cards have no link to one. */
  pages?: ConsolePages;
  /** Told of faults that people only see as a sentence. */
  report?(error: unknown): void;
}

export interface ConsolePages {
  /** Path of the page that a card with this key, or a ceremony, has; undefined where it has none. */
  path(key: string): string | undefined;
  /** Answers what is asked below `/view/`, with headers of its own. */
  answer(request: Request): Response | Promise<Response>;
}
