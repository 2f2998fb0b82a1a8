/** A payload that breaks a rule, beside its benign twin. */

export type Json = Record<string, unknown>;

export interface Case {
  what: string;
  bad: unknown;
  good: unknown;
  /** Where the problem is said to be. */
  at: string;
}

/** A text of so many characters. */
export const x = (length: number) => "x".repeat(length);
export const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));
/** So many options of a select. */
export const options = (count: number) => many(count, (n) => ({ label: `L${n}`, value: `v${n}` }));
/** A row of components. */
export const row = (...components: unknown[]) => ({ type: 1, components });
