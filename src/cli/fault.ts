/** How a CLI command ends: 0 done, 1 an expected no, 2 wrong use or could not run. Errors are one sentence, no stack. */

export class CliFault extends Error {
  override readonly name = "CliFault";
  readonly exitCode: 1 | 2;
  constructor(exitCode: 1 | 2, sentence: string) {
    super(sentence);
    this.exitCode = exitCode;
  }
}
