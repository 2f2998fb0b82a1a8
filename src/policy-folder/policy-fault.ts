/** What is wrong with a policies folder. */

export class PolicyFault extends Error {
  override readonly name = "PolicyFault";
  /** Each as `FOLDER/FILE: path: reason`; the message is all of them, one a line. */
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}
