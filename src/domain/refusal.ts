/** An expected "no": a value with a reason a person understands. Refusals are recorded; they are evidence. */

export interface Refusal {
  /** Stable, for tests and machines: `separation/proposer-approves`. */
  code: string;
  /** One sentence for the person who asked: what was refused, why, and what to do instead. */
  sentence: string;
  /** Person ids who could do what was asked for, where that helps. */
  who: string[];
}

export function refusal(code: string, sentence: string, who: string[] = []): Refusal {
  return { code, sentence, who };
}

/** Thrown at the edges, where no value can be handed back; the message is the sentence a person reads. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly refusal: Refusal;
  constructor(reason: Refusal) {
    super(reason.sentence);
    this.refusal = reason;
  }
}
