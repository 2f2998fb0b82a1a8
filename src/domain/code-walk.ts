/**
 * A walk through runtime code along every path it can take, function by function: which function can reach which
 * opcode. Values are followed as far as they are constants, because jumps go to constants; both sides of a condition are
 * taken. Data between the code is never read as code.
 */

import { size } from "viem";
import { bytesOf, codeParts } from "./bytecode.ts";
import { assuming, type CodeUse, readCode, type Step, step } from "./code-step.ts";
import { endsPath, opcode } from "./opcodes.ts";
import type { Hex } from "./primitives.ts";

export type { CodeUse } from "./code-step.ts";

export interface CodeWalk {
  /** Functions the code tells apart by their first four bytes, sorted. */
  selectors: Hex[];
  /** Each once, by function, opcode and target. */
  uses: CodeUse[];
  /** 32-byte constants on the paths walked: storage slots, event topics, role names. */
  constants: Hex[];
  /** False: some jump could not be followed, or there were too many paths; `uses` then has all that may be reached. */
  complete: boolean;
}

/** Instructions walked before it is given up: honest code of the largest size (EIP-170) takes a tenth of it. */
const mostSteps = 1_500_000;
/** Characters of remembered places: code that fills its stack ever higher would fill the memory instead. */
const mostRemembered = 40_000_000;
/** The EVM's own limit: a path that needs more reverts. */
const highestStack = 1024;

interface Path {
  at: number;
  selector: Hex | "";
  stack: string[];
}

export function walkCode(code: Hex): CodeWalk {
  const bytes = bytesOf(code);
  const read = readCode(bytes.subarray(0, codeParts(bytes).body));
  const seen = new Set<string>();
  const found = new Map<string, CodeUse>();
  const constants = new Set<Hex>();
  const selectors = new Set<Hex>();
  const open: Path[] = [{ at: 0, selector: "", stack: [] }];
  let steps = 0;
  let remembered = 0;
  let complete = true;
  const note = (use: CodeUse) => found.set(`${use.selector}/${use.op}/${use.target}`, use);
  const go = (at: string | undefined, path: Path): void => {
    const to = at === undefined ? undefined : read.jumpTargets.get(at);
    if (to === undefined)
      complete &&= at?.startsWith("#") ?? false; // a constant that is no target reverts
    else later({ ...path, at: to });
  };
  const later = (reached: Path) => {
    const path = {
      ...reached,
      stack: reached.stack.map((value) => (worthKeeping(value, read.jumpTargets) ? value : "?")),
    };
    const key = `${path.at}/${path.selector}/${path.stack.join()}`;
    if (seen.has(key) || path.stack.length > highestStack) return;
    seen.add(key);
    remembered += key.length;
    open.push(path);
  };
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const { stack } = path;
    for (let at = path.at; at < read.ops.length; ) {
      if (++steps > mostSteps || remembered > mostRemembered) return pessimistic(read, constants, selectors);
      const one: Step = { at, op: read.ops[at] ?? 0, value: read.values.get(at), stack, selector: path.selector };
      if (isWide(one.op) && one.value !== undefined) constants.add(word(one.value));
      if (one.op === opcode.jump) {
        go(stack.pop(), path);
        break;
      }
      if (one.op === opcode.jumpI) {
        const to = stack.pop();
        const condition = stack.pop() ?? "?";
        const [taken, notTaken] = branches(condition, path.selector);
        for (const selector of [taken, notTaken]) if (selector !== "" && path.selector === "") selectors.add(selector);
        const [yes, no] = [assuming(stack, condition, true), assuming(stack, condition, false)];
        if (yes !== undefined) go(to, { at, selector: taken, stack: yes });
        if (no !== undefined) later({ at: at + 1, selector: notTaken, stack: no });
        break;
      }
      for (const use of step(one)) note(use);
      if (endsPath.has(one.op) || !read.known(one.op)) break;
      at += 1 + read.width(one.op);
    }
  }
  if (!complete) return pessimistic(read, constants, selectors);
  return { selectors: [...selectors].sort(), uses: [...found.values()], constants: [...constants].sort(), complete };
}

/** Small numbers that name no jump target are forgotten between blocks: lengths and offsets would multiply the paths. */
function worthKeeping(value: string, jumpTargets: ReadonlyMap<string, number>): boolean {
  return !value.startsWith("#") || value.length > 9 || value === "#0" || value === "#1" || jumpTargets.has(value);
}

/** Which function the two sides of a condition belong to: "=0x12345678" was a comparison with the calldata's selector. */
function branches(condition: string, current: Hex | ""): [taken: Hex | "", notTaken: Hex | ""] {
  const selector = condition.slice(1) as Hex;
  if (current !== "") return [current, current];
  if (condition.startsWith("=")) return [selector, ""];
  return condition.startsWith("!") ? ["", selector] : ["", ""];
}

/** Everything that stands in reach of a jump target, whether or not a path leads there: for code that could not be followed. */
function pessimistic(read: ReturnType<typeof readCode>, constants: Set<Hex>, selectors: Set<Hex>): CodeWalk {
  const uses = new Map<string, CodeUse>();
  for (const start of [0, ...read.jumpTargets.values()])
    for (let at = start; at < read.ops.length; ) {
      const op = read.ops[at] ?? 0;
      const value = read.values.get(at);
      if (isWide(op) && value !== undefined) constants.add(word(value));
      for (const use of step({ at, op, value, stack: [], selector: "" })) uses.set(`${use.op}/${use.target}`, use);
      if (endsPath.has(op) || op === opcode.jump || !read.known(op)) break;
      at += 1 + read.width(op);
    }
  return {
    selectors: [...selectors].sort(),
    uses: [...uses.values()],
    constants: [...constants].sort(),
    complete: false,
  };
}

/** A 32-byte constant with leading zeros is pushed as fewer bytes. */
const isWide = (op: number) => op >= opcode.push32 - 4 && op <= opcode.push32;

function word(value: string): Hex {
  return `0x${value.slice(1).padStart(64, "0")}`;
}

/** Whether an account's code is short enough to be walked: EIP-170's limit, doubled for chains that raised it. */
export function isWalkable(code: Hex): boolean {
  return size(code) <= 49_152;
}
