/** Something that is tried until it works: at once, then after 0.25 s, 0.5 s … 60 s. */

const shortest = 250;
const longest = 60_000;
/** What held for so long is not failing again and again. */
const steady = 30_000;

export class Attempts {
  readonly #attempt: () => Promise<boolean>;
  #failures = 0;
  #worked: number | undefined;
  #busy = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  /** `attempt` says whether it worked, and never rejects. */
  constructor(attempt: () => Promise<boolean>) {
    this.#attempt = attempt;
  }

  /** Tries now and then again until it works; resolves after the first try. */
  first(): Promise<void> {
    this.#busy = true;
    return this.#run();
  }

  /** Begins again, after a while, with what had worked; nothing where it is being tried already. */
  again(): void {
    if (this.#busy || this.#stopped) return;
    if (this.#worked !== undefined && performance.now() - this.#worked > steady) this.#failures = 0;
    this.#busy = true;
    this.#later();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    if (this.#stopped) return;
    if (await this.#attempt()) {
      this.#worked = performance.now();
      this.#busy = false;
    } else this.#later();
  }

  #later(): void {
    if (this.#stopped) return;
    const wait = Math.min(longest, shortest * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#timer = setTimeout(() => void this.#run(), wait);
  }
}
