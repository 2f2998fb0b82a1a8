/**
 * The checked-in artefacts, built from their sources. `node test/support/artefacts.ts` (npm run contracts) writes them;
 * tests build them again and compare.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { getContractAddress, type Hex } from "viem";
import { compile, compilerVersion, embeddedSettings, portableSettings } from "./compile.ts";
import { sampleBuild } from "./sample-build.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const embeddedSources = join(root, "src/embedded/contracts");
const embeddedArtefacts = join(root, "src/embedded/artefacts");
const preconditions = join(root, "src/chain/preconditions");
const prober = join(root, "src/chain/prober");
const evaluator = join(root, "src/chain/evaluator");
const tryout = join(root, "src/chain/tryout");

/** Deploys the same bytes to the same address on every chain: https://github.com/Arachnid/deterministic-deployment-proxy */
const deterministicDeployer = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
const saltZero: Hex = `0x${"0".repeat(64)}`;

/** Every artefact's text by its path. */
export async function buildArtefacts(): Promise<Map<string, string>> {
  const built = [...(await embedded()), ...(await portable())];
  const texts = built.map(([path, artefact]): [string, string] => [path, `${JSON.stringify(artefact, null, 2)}\n`]);
  return new Map([...texts, await sampleBuild()]);
}

async function embedded(): Promise<[string, object][]> {
  const names = readdirSync(embeddedSources).filter((name) => name.endsWith(".sol"));
  const sources = names.map((name): [string, string] => [name, readFileSync(join(embeddedSources, name), "utf8")]);
  const contracts = Object.values(await compile(Object.fromEntries(sources), embeddedSettings));
  return contracts
    .filter(({ bytecode }) => bytecode !== "0x") // abstract
    .map(({ contractName, abi, bytecode }) => [
      join(embeddedArtefacts, `${contractName}.json`),
      { contractName, abi, bytecode },
    ]);
}

/** Without constructor arguments: those that are deployed have an address that is the same on every chain. */
async function portable(): Promise<[string, object][]> {
  const folders = { Preconditions: preconditions, Evaluator: evaluator, Prober: prober, Tryout: tryout };
  const sources = Object.entries(folders).map(([name, folder]): [string, string] => {
    return [`${name}.sol`, readFileSync(join(folder, `${name}.sol`), "utf8")];
  });
  const contracts = await compile(Object.fromEntries(sources), portableSettings);
  const compiler = `solc ${await compilerVersion()}`;
  return Object.entries(folders).map(([name, folder]): [string, object] => {
    const contract = contracts[name];
    if (!contract) throw new Error(`${name}.sol holds no contract ${name}.`);
    const { contractName, abi, bytecode, runtimeBytecode, codeHash } = contract;
    const address = getContractAddress({ opcode: "CREATE2", from: deterministicDeployer, salt: saltZero, bytecode });
    // Put in place of another account's code, and never deployed.
    const isPretended = name === "Prober" || name === "Tryout";
    const deployed = isPretended ? {} : { address, codeHash };
    const creation = isPretended ? {} : { bytecode };
    const settings = { compiler, settings: portableSettings };
    const artefact = { contractName, ...deployed, ...settings, abi, ...creation, runtimeBytecode };
    return [join(folder, "artefacts", `${name}.json`), artefact];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of await buildArtefacts()) {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    console.log(basename(path));
  }
}
