/** Follows the chain's time, so that messages and the header tell the time that windows and delays go by. */

import type { ChainClock } from "./wire.ts";

export interface Time {
  read(): Promise<{ chainTime: bigint; block: bigint }>;
}

export class ChannelClock {
  readonly #time: Time;
  #aheadMilliseconds = 0;
  #told = 0;
  #last: ChainClock = { fault: "The chain's time has not been read yet." };

  constructor(time: Time) {
    this.#time = time;
  }

  /** Milliseconds since 1970, as far ahead of the machine's clock as the chain was when last read. Never goes back. */
  now(): number {
    this.#told = Math.max(this.#told, Date.now() + this.#aheadMilliseconds);
    return this.#told;
  }

  get last(): ChainClock {
    return this.#last;
  }

  /** Reads the chain. True where there is something new to show. */
  async refresh(): Promise<boolean> {
    const before = JSON.stringify(this.#last);
    try {
      const { chainTime, block } = await this.#time.read();
      const ahead = Number(chainTime) * 1000 - Date.now();
      // A block is some seconds old when it is read; less than a minute is no difference to people.
      this.#aheadMilliseconds = Math.abs(ahead) < 60_000 ? 0 : ahead;
      this.#last = { chainTime: chainTime.toString(), block: block.toString() };
    } catch {
      this.#last = { fault: "The chain does not answer." };
    }
    return JSON.stringify(this.#last) !== before;
  }
}
