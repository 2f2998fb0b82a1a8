/** Integers with their thousands apart; longer ones as a power of ten. */

export function grouped(value: bigint): string {
  const digits = value < 0n ? (-value).toString() : value.toString();
  const sign = value < 0n ? "-" : "";
  return digits.length > 15
    ? `${sign}${digits[0]}.${digits.slice(1, 5)}e${digits.length - 1}`
    : sign + digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
