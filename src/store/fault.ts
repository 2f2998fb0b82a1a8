/** What can go wrong in the database, as one sentence a person understands; the engine's own error is the cause. */

export type StoreFaultKind =
  | "unreachable"
  | "busy"
  | "full"
  | "in use"
  | "not a database"
  | "newer version"
  | "older version"
  | "damaged"
  | "sealed"
  | "refused"
  | "failed";

/** Nothing was written when one is thrown, except after "unreachable": there the outcome is unknown; load again. */
export class StoreFault extends Error {
  override readonly name = "StoreFault";
  readonly kind: StoreFaultKind;
  constructor(kind: StoreFaultKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}

/** Whether the connection broke, so that what was asked may or may not have happened. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof StoreFault && error.kind === "unreachable";
}

/** Runs `work` and turns what it throws into a {@link StoreFault}. */
export function orFault<T>(toFault: (error: unknown) => StoreFault, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asFault(toFault, error);
  }
}

/** Leaves a StoreFault as it is. */
export function asFault(toFault: (error: unknown) => StoreFault, error: unknown): StoreFault {
  return error instanceof StoreFault ? error : toFault(error);
}

/** Result codes: https://sqlite.org/rescode.html, the low byte is the primary one. */
export function sqliteFault(path: string): (error: unknown) => StoreFault {
  return (cause) => {
    const code = hasNumber(cause, "errcode") ? cause.errcode & 0xff : 0;
    const fault = (kind: StoreFaultKind, sentence: string) => new StoreFault(kind, sentence, { cause });
    if (code === 5 || code === 6) return fault("busy", `The database ${path} is held by another process; try again.`);
    if (code === 8) return fault("failed", `The database ${path} is read-only.`);
    if (code === 10) return fault("failed", `The disk under ${path} reports an error; nothing was written.`);
    if (code === 11) return fault("damaged", `The database ${path} is damaged; restore it from a backup.`);
    if (code === 13) return fault("full", `The disk is full: nothing was written to ${path}; make room and try again.`);
    if (code === 14)
      return fault("failed", `The database ${path} cannot be opened: check that its folder is writable.`);
    if (code === 26) return fault("not a database", `${path} is not an SQLite database; move it away or name another.`);
    return fault("failed", `The database ${path} refused: ${messageOf(cause)}.`);
  };
}

/** SQLSTATE codes: https://www.postgresql.org/docs/current/errcodes-appendix.html. Errors without one come from the socket. */
export function postgresFault(cause: unknown): StoreFault {
  const code = hasString(cause, "code") && hasString(cause, "severity") ? cause.code : undefined;
  const fault = (kind: StoreFaultKind, sentence: string) => new StoreFault(kind, sentence, { cause });
  // 08: connection exceptions; 57P01 to 57P03: the server is being shut down or started.
  if (code === undefined || code.startsWith("08") || /^57P0[1-3]$/.test(code))
    return fault("unreachable", `The Postgres database cannot be reached: ${messageOf(cause)}.`);
  if (code === "53100")
    return fault("full", "The disk of the Postgres server is full: nothing was written; make room and try again.");
  // 55P03: lock_timeout; 57014: statement_timeout; 40001 and 40P01: another transaction came in between.
  if (["55P03", "57014", "40001", "40P01"].includes(code))
    return fault("busy", "The Postgres database is busy with another transaction; try again.");
  if (code.startsWith("28") || code === "3D000" || code === "42501")
    return fault("failed", `Postgres does not let Quorate in: ${messageOf(cause)}; check DATABASE_URL.`);
  return fault("failed", `Postgres refused: ${messageOf(cause)}.`);
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return messageOf(error.errors[0]);
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
}

function hasNumber<K extends string>(value: unknown, key: K): value is Record<K, number> {
  return typeof value === "object" && value !== null && typeof (value as Record<K, unknown>)[key] === "number";
}

function hasString<K extends string>(value: unknown, key: K): value is Record<K, string> {
  return typeof value === "object" && value !== null && typeof (value as Record<K, unknown>)[key] === "string";
}
