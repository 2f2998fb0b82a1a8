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

/** Milliseconds in which the same fault is written once: what is tried every second must not bury what is new. */
const quiet = 60_000;
/** Faults that are told apart. */
const most = 500;

/**
 * For {@link Parts.onFault}: what failed, in a sentence, with its cause for the operator. The same again is written once a
 * minute, with how often it came since. `now` in milliseconds.
 */
export function logFault(
  log: Log,
  now: () => number = () => performance.now(),
): (where: string, fault: unknown) => void {
  const written = new Map<string, { at: number; since: number }>();
  return (where, fault) => {
    const message = fault instanceof Error ? fault.message : String(fault);
    const key = `${where}\n${message}`;
    const before = written.get(key);
    if (before !== undefined && now() < before.at + quiet) {
      before.since += 1;
      return;
    }
    if (written.size >= most) written.clear();
    written.set(key, { at: now(), since: 0 });
    const again = before === undefined || before.since === 0 ? {} : { again: before.since };
    log.warn({ where, err: fault, ...again }, message);
  };
}
