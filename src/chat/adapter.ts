/** What a chat platform's adapter is made of, and what it may ask of the rest of the program. */

import type { Command, Invocation } from "../command.ts";
import type { Policy } from "../domain/policy.ts";
import type { Buttons, ChatPlatform, Clock, Deliveries, ShownCards } from "../ports.ts";
import type { Picture, View } from "../view.ts";

/** Known before the program is put together. */
export interface AdapterParts {
  policy: Policy;
  commands: readonly Command[];
  store: ShownCards & Buttons & Deliveries;
  clock: Clock;
  /** 32 bytes that sign what a message's buttons carry. */
  secret: Uint8Array;
  /** A picture as PNG bytes. */
  png(picture: Picture): Promise<Uint8Array>;
  /** The page of the ceremony that a card's key begins with; undefined where there is none or the program has no public address. */
  fullView(key: string): string | undefined;
  /** For logs: never a token, never the text of a signature. */
  onFault(where: string, fault: unknown): void;
}

/** Known once it is: what people ask for goes here. */
export interface Council {
  /** Never throws. */
  dispatch(invocation: Invocation, progress: (text: string) => void): Promise<View>;
  /** Values that an option may take, for autocompletion. */
  suggest(option: string): Promise<{ value: string; label: string }[]>;
}

export interface Adapter extends ChatPlatform {
  /**
   * Connects, and goes on trying by itself where the platform is not there. Until then `show` rejects. Rejects only for
   * what no retry can mend, in a sentence that names the setting.
   */
  start(council: Council): Promise<void>;
  stop(): Promise<void>;
}
