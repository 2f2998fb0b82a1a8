/** What a person reads when something broke, as opposed to an expected no. */

/** Errors of the edges carry a sentence for people; anything else is a bug of ours and says so. */
export function faultSentence(fault: unknown): string {
  if (!(fault instanceof Error) || !["ChainFault", "StoreFault", "PolicyFault"].includes(fault.name))
    return "Something went wrong inside Quorate. Look at the card before you try again; the operator finds the cause in the log.";
  return isUnsure(fault)
    ? `${fault.message} It is not known whether this was recorded: look at the card before you try again.`
    : `${fault.message} Nothing was changed.`;
}

/** A database that was lost in mid-write may have taken it; every other fault is thrown before anything is written. */
function isUnsure(fault: Error): boolean {
  return fault.name === "StoreFault" && "kind" in fault && fault.kind === "unreachable";
}
