/** A policies folder of another council: the sample's shape with other addresses, people, accounts, quorum and delay. */

import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import { type WorldAddresses, worldAddresses } from "../../src/embedded/world.ts";

const sample = fileURLToPath(new URL("../../policies", import.meta.url));

/** Who the seven are in the other council. */
export const names: Record<string, string> = {
  ada: "olga",
  ben: "piet",
  caro: "quinn",
  dev: "ravi",
  eve: "sana",
  finn: "tomas",
  gus: "uma",
};

export interface ForeignPolicies {
  folder: string;
  remove(): Promise<void>;
}

/** Writes the folder for a world that is not the sample's. */
export async function writeForeignPolicies(world: WorldAddresses, minDelay: bigint): Promise<ForeignPolicies> {
  const folder = await mkdtemp(join(tmpdir(), "quorate-policies-"));
  await cp(sample, folder, { recursive: true });
  const others = addressBook(worldAddresses(31337), world);
  for (const file of await readdir(folder, { recursive: true })) {
    if (!file.endsWith(".yaml")) continue;
    const path = join(folder, file);
    const changed = mapped(
      parse(await readFile(path, "utf8")),
      (text) => others.get(text) ?? (text === "eip155:31337" ? `eip155:${world.chainId}` : (names[text] ?? text)),
    );
    await writeFile(path, stringify(reformed(file, changed as Fields, minDelay)));
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

type Fields = Record<string, unknown>;
interface PersonFields {
  id: string;
  name: string;
  organisation: string;
  accounts: string[];
}

function reformed(file: string, fields: Fields, minDelay: bigint): Fields {
  if (file === "council.yaml") {
    const people = (fields.people as PersonFields[]).map((one) => ({
      ...one,
      name: one.id.replace(/^./, (letter) => letter.toUpperCase()),
      organisation: "Elsewhere",
      accounts: [`cli:${one.id}`],
    }));
    return { ...fields, name: "Another council", people };
  }
  if (file === "lanes.yaml") {
    const lane = (name: string) => ({ ...(fields[name] as Fields), quorum: 4, minDelay: Number(minDelay) });
    return { routine: lane("routine"), emergency: lane("emergency") };
  }
  // With four approvals wanted of four approvers, none of them may propose.
  if (file === "roles.yaml") return { ...fields, proposer: ["olga"] };
  if (file === "chains.yaml") {
    const chains = (fields.chains as Fields[]).map((one) => ({ ...one, name: "Elsewhere", environment: "staging" }));
    return { chains };
  }
  return fields;
}

/** Every address of one world to that of the other. */
function addressBook(from: WorldAddresses, to: WorldAddresses): Map<string, string> {
  const leaves = (value: unknown): string[] =>
    typeof value === "string" ? [value] : Object.values(value as object).flatMap((one) => leaves(one));
  const addresses = ({ chainId: _chain, safeVersion: _version, ...rest }: WorldAddresses, like: WorldAddresses) =>
    leaves(Object.fromEntries(Object.keys(like).flatMap((key) => (key in rest ? [[key, rest[key as never]]] : []))));
  const [before, after] = [addresses(from, from), addresses(to, from)];
  return new Map(before.map((one, index) => [one, after[index] ?? one]));
}

function mapped(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((one) => mapped(one, change));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapped(one, change)]));
  return value;
}
