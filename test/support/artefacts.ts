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

/** Deploys the same bytes to the same address on every chain: https://github.com/Arachnid/deterministic-deployment-proxy */
const deterministicDeployer = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
const saltZero: Hex = `0x${"0".repeat(64)}`;

/** Every artefact's text by its path. */
export async function buildArtefacts(): Promise<Map<string, string>> {
  const built = [...(await embedded()), await preconditionsArtefact(), await proberArtefact()];
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

async function preconditionsArtefact(): Promise<[string, object]> {
  const source = readFileSync(join(preconditions, "Preconditions.sol"), "utf8");
  const { Preconditions: contract } = await compile({ "Preconditions.sol": source }, portableSettings);
  if (!contract) throw new Error("Preconditions.sol holds no contract Preconditions.");
  const { contractName, abi, bytecode, runtimeBytecode, codeHash } = contract;
  const address = getContractAddress({ opcode: "CREATE2", from: deterministicDeployer, salt: saltZero, bytecode });
  const compiler = `solc ${await compilerVersion()}`;
  return [
    join(preconditions, "artefacts", "Preconditions.json"),
    { contractName, address, codeHash, compiler, settings: portableSettings, abi, bytecode, runtimeBytecode },
  ];
}

async function proberArtefact(): Promise<[string, object]> {
  const source = readFileSync(join(prober, "Prober.sol"), "utf8");
  const { Prober: contract } = await compile({ "Prober.sol": source }, portableSettings);
  if (!contract) throw new Error("Prober.sol holds no contract Prober.");
  const { contractName, abi, runtimeBytecode } = contract;
  const compiler = `solc ${await compilerVersion()}`;
  const artefact = { contractName, compiler, settings: portableSettings, abi, runtimeBytecode };
  return [join(prober, "artefacts", "Prober.json"), artefact];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of await buildArtefacts()) {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    console.log(basename(path));
  }
}
