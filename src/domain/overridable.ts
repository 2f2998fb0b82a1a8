/** What policy may let people override at all, and what nobody ever does. */

/** Whose refusals nobody overrides, whatever policy says. */
const neverGates: readonly string[] = ["envelope", "decode", "text", "sources", "timelock"];
/** What every gate says where it could not ask: absence never passes (trust rule 9). */
const neverCodes: readonly string[] = ["could-not-run", "timeout", "proof"];

/** Whether policy may name a gate or a code at all. */
export function mayBeNamed(named: string): boolean {
  const [gate = "", code = ""] = named.split("/");
  return !neverGates.includes(gate) && !neverCodes.includes(code);
}
