/** The operator's log: JSON lines on standard error. What a person in chat should know is never only here. */

import pino from "pino";

export type Log = pino.Logger;

const censor = "[kept out of the log]";

/**
 * `level` as in LOG_LEVEL. Keys and signatures are cut out by the names they have, and wherever they stand: each of
 * `secrets`, and bytes as long as a signature, in whichever text. `write` takes the lines; standard error by default.
 */
export function createLog(level: string, secrets: readonly string[] = [], write?: (line: string) => void): Log {
  const secret = ["raw", "signature", "signatures", "privateKey", "gasKey", "databaseUrl", "authorization"];
  const redact = { paths: secret.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor };
  const out = write === undefined ? pino.destination(2) : { write };
  // As they stand inside of a JSON text.
  const known = secrets.map((one) => JSON.stringify(one).slice(1, -1));
  const cleaned = (line: string) =>
    known
      .reduce((text, one) => text.replaceAll(one, censor), line)
      .replace(/(?:0x)?([0-9a-fA-F]{128,})/g, (_all, digits: string) => `[${Math.floor(digits.length / 2)} bytes]`);
  const stream = { write: (line: string) => void out.write(cleaned(line)) };
  return pino({ level, redact, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
}

/** For {@link Parts.onFault}: what failed, in a sentence, with its cause for the operator. */
export function logFault(log: Log): (where: string, fault: unknown) => void {
  return (where, fault) => log.warn({ where, err: fault }, fault instanceof Error ? fault.message : String(fault));
}
