/** The only reader of process.env: what is set, checked, and named where half of it is missing. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { z } from "zod";
import { type AlertEnvironment, readAlertEnvironment } from "./alert-environment.ts";
import { type ChatEnvironment, readChatEnvironment } from "./chat-environment.ts";
import { bytes32, type ChainId, chainId, type Hex } from "./domain/primitives.ts";
import { EnvironmentFault } from "./environment-fault.ts";
import { type OperatorEnvironment, readOperatorEnvironment } from "./operator-environment.ts";
import { readSealEnvironment, type SealEnvironment } from "./seal-environment.ts";

export interface Environment extends ChatEnvironment, AlertEnvironment, SealEnvironment, OperatorEnvironment {
  /** Folder with the policy files; `policies` of this checkout by default. */
  policies: string;
  /** Folder with the build files of contracts; `builds` among the policy files by default. */
  builds: string;
  /** Where the database lies unless DATABASE_URL is set. */
  dataDir: string;
  databaseUrl: string | undefined;
  /** RPC_<chainId>=URL, or several between spaces, by CAIP-2 id. Empty: nothing is configured, so the program starts its own chain. */
  rpc: Partial<Record<ChainId, string>>;
  gasKey: Hex | undefined;
  /** Key for Safe's Transaction Service; without one the budget is a tenth. */
  safeApiKey: string | undefined;
  /** IP address that Slack's requests and the public pages are served on; the console is always on the loopback. */
  host: string;
  /** Port of the console, any free one where it is taken or not set; of Slack's requests and the public pages. */
  port: number;
  logLevel: string;
}

const port = "a port is a number from 0 to 65535";
const levels = ["trace", "debug", "info", "warn", "error", "silent"] as const;

const shape = z.object({
  QUORATE_POLICIES: z.string().optional(),
  QUORATE_BUILDS: z.string().optional(),
  QUORATE_DATA: z.string().optional(),
  DATABASE_URL: z.string().optional(),
  GAS_KEY: z.string().optional(),
  SAFE_API_KEY: z.string().regex(/^\S+$/, "a key is one word").optional(),
  QUORATE_HOST: z.union([z.ipv4(), z.ipv6()], "it is an IP address of this machine, such as 127.0.0.1").optional(),
  PORT: z.coerce.number(port).int(port).min(0, port).max(65_535, port).optional(),
  LOG_LEVEL: z.enum(levels, `it is one of ${levels.join(", ")}`).optional(),
});

/** What is set in `from`; by default the process's environment, with a `.env` file of the working folder below it. */
export function readEnvironment(from: NodeJS.ProcessEnv = withDotEnv()): Environment {
  const set = Object.fromEntries(Object.entries(from).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = shape.safeParse(set);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new EnvironmentFault(`${issue?.path.join(".")} is not usable: ${issue?.message}. See .env.example.`);
  }
  const {
    QUORATE_POLICIES,
    QUORATE_BUILDS,
    QUORATE_DATA,
    DATABASE_URL,
    GAS_KEY,
    SAFE_API_KEY,
    QUORATE_HOST,
    PORT,
    LOG_LEVEL,
  } = parsed.data;
  const policies = QUORATE_POLICIES ?? fileURLToPath(new URL("../policies", import.meta.url));
  return {
    policies,
    builds: QUORATE_BUILDS ?? join(policies, "builds"),
    dataDir: QUORATE_DATA ?? ".quorate",
    databaseUrl: DATABASE_URL,
    rpc: rpcOf(set),
    gasKey: gasKeyOf(GAS_KEY),
    safeApiKey: SAFE_API_KEY,
    host: QUORATE_HOST ?? "127.0.0.1",
    port: PORT ?? 4663,
    logLevel: LOG_LEVEL ?? "info",
    ...readChatEnvironment(set),
    ...readAlertEnvironment(set),
    ...readSealEnvironment(set),
    ...readOperatorEnvironment(set),
  };
}

function rpcOf(set: Record<string, string | undefined>): Partial<Record<ChainId, string>> {
  const rpc: Partial<Record<ChainId, string>> = {};
  for (const [name, value] of Object.entries(set)) {
    if (!name.startsWith("RPC_")) continue;
    const id = name.slice("RPC_".length);
    const chain = chainId.safeParse(`eip155:${id}`);
    if (!chain.success)
      throw new EnvironmentFault(`${name} is not usable: after RPC_ comes the number of a chain, such as RPC_1.`);
    rpc[chain.data] = value ?? "";
  }
  return rpc;
}

function gasKeyOf(text: string | undefined): Hex | undefined {
  if (text === undefined) return undefined;
  const parsed = bytes32.safeParse(text);
  if (!parsed.success)
    throw new EnvironmentFault("GAS_KEY is not usable: a private key is 0x and 64 hexadecimal digits.");
  return parsed.data;
}

/** What is set in the process outranks the file. */
function withDotEnv(): NodeJS.ProcessEnv {
  return existsSync(".env") ? { ...parseEnv(readFileSync(".env", "utf8")), ...process.env } : process.env;
}
