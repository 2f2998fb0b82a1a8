/** The operator's log: JSON lines on standard error. What a person in chat should know is never only here. */

import pino from "pino";

export type Log = pino.Logger;

/** `level` as in LOG_LEVEL. Keys and signatures are cut out wherever they would appear. */
export function createLog(level: string): Log {
  const secret = ["raw", "signature", "signatures", "privateKey", "gasKey", "databaseUrl", "authorization"];
  const redact = {
    paths: secret.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
    censor: "[kept out of the log]",
  };
  return pino({ level, redact, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
}

/** For {@link Parts.onFault}: what failed, in a sentence, with its cause for the operator. */
export function logFault(log: Log): (where: string, fault: unknown) => void {
  return (where, fault) => log.warn({ where, err: fault }, fault instanceof Error ? fault.message : String(fault));
}
