/** What build files tell of code: which source it was compiled from, how its storage lies, and where its paths lead. */

import type { ProxyKind } from "./chain-facts.ts";
import type { CodeComparison } from "./domain/code-match.ts";
import type { CodeWalk } from "./domain/code-walk.ts";
import type { Hex } from "./domain/primitives.ts";

/** A contract of a build. */
export interface BuiltContract {
  /** Hash of the build; see {@link BuildFile}. */
  build: Hex;
  /** The build's file, below the folder. */
  file: string;
  /** `Unit.sol:Contract`. */
  contract: string;
}

export interface CodeIdentity extends BuiltContract {
  comparison: CodeComparison;
  /** Every external function's full signature, such as `transfer(address,uint256)`, by its selector. */
  functions: Record<Hex, string>;
}

export interface BuildFile {
  /** Below the folder, with `/`. */
  file: string;
  /** keccak256 of the file's bytes; of Hardhat 3's two files one after the other. */
  hash: Hex;
  /** Such as "0.8.37". */
  compiler: string;
  contracts: number;
}

export interface BuildInventory {
  files: BuildFile[];
  /** Files that are no builds, or not whole ones, each with a sentence. */
  faults: { file: string; reason: string }[];
  /** Milliseconds spent compiling raw inputs. */
  compiledMs: number;
}

/** What code is: every contract that it equals, and where there is none, the contract that it is closest to. */
export interface Identified {
  equal: CodeIdentity[];
  closest: CodeIdentity | undefined;
}

/** Something about a change of storage or about a contract behind a proxy; the layout gate judges it. */
export interface LayoutFact {
  kind:
    | "inserted"
    | "deleted"
    | "replaced"
    | "retyped"
    | "renamed"
    | "moved"
    | "gap"
    | "namespace-deleted"
    | "namespace-slot"
    | "namespace-unseen"
    | "namespace-unclear"
    | "namespace-moved"
    | "namespace-members"
    | "namespace-shared"
    | "declared-change"
    | "upgrade-missing"
    | "upgrade-open"
    | "initialisers"
    | "delegatecall"
    | "selfdestruct"
    | "constructor"
    | "initial-value"
    | "function-pointer";
  /** The variable, namespace, function or source line: "Vault.cap", "erc7201:harbour.vault", "Vault.sol:12". */
  subject: string;
  before: string;
  after: string;
}

export interface LayoutQuestion {
  from: BuiltContract;
  to: BuiltContract;
  /** The new code as it stands on the chain: its slots are looked for there. */
  code: Hex;
  kind: ProxyKind;
}

/** `reason`: why the two cannot be compared, as a sentence. */
export type LayoutAnswer = { facts: LayoutFact[] } | { reason: string };

/** The council's build files, and the slow work on code; all of it off the event loop. Fails with a sentence. */
export interface Builds {
  inventory(): Promise<BuildInventory>;
  /** In the order of the codes; `within`: only these builds. */
  identify(codes: readonly Hex[], within?: readonly Hex[]): Promise<Identified[]>;
  layouts(questions: readonly LayoutQuestion[]): Promise<LayoutAnswer[]>;
  walk(codes: readonly Hex[]): Promise<CodeWalk[]>;
  close(): Promise<void>;
}
