/** A Foundry project that simulates an upgrade by `forge script`, compiled before anything is measured. */

import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { encodeFunctionData, parseAbi } from "viem";
import { compilerVersion } from "../../test/support/compile.ts";
import type { UpgradePath } from "./sample.ts";

export interface ForgeProject {
  /** Milliseconds that one run takes, as a process. Throws where the script fails. */
  simulate(url: string): Promise<number>;
  remove(): Promise<void>;
}

const run = promisify(execFile);

/** As councils write them: typed against the contracts' own sources, which are compiled with it. */
const script = `// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {ProxyAdmin} from "@openzeppelin/contracts/proxy/transparent/ProxyAdmin.sol";
import {UpgradeableBeacon} from "@openzeppelin/contracts/proxy/beacon/UpgradeableBeacon.sol";
import {PoolV2} from "../src/PoolV2.sol";
import {PriceFeedV2} from "../src/PriceFeedV2.sol";
import {VaultV2} from "../src/VaultV2.sol";

interface Vm {
    function prank(address sender) external;
    function warp(uint256 timestamp) external;
    function load(address account, bytes32 slot) external view returns (bytes32);
    function snapshotState() external returns (uint256);
    function revertToState(uint256 id) external returns (bool);
}

contract Upgrade {
    struct Step { address from; address to; uint256 value; bytes data; uint256 time; }
    struct Result { address proxy; address implementation; }

    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bytes32 private constant IMPLEMENTATION = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);
    bytes32 private constant BEACON = bytes32(uint256(keccak256("eip1967.proxy.beacon")) - 1);

    function run(
        Step[] calldata upgrade,
        Result[] calldata results,
        Step[] calldata containment,
        Step[] calldata rollback,
        Result[] calldata before
    ) external {
        play(upgrade);
        expect(results);
        for (uint256 i = 0; i < containment.length; i++) {
            uint256 state = vm.snapshotState();
            take(containment[i]);
            vm.revertToState(state);
        }
        play(rollback);
        expect(before);
    }

    function play(Step[] calldata steps) private {
        for (uint256 i = 0; i < steps.length; i++) take(steps[i]);
    }

    function take(Step calldata step) private {
        vm.warp(step.time);
        vm.prank(step.from);
        (bool success, bytes memory answer) = step.to.call{value: step.value}(step.data);
        if (!success) assembly { revert(add(answer, 32), mload(answer)) }
    }

    function expect(Result[] calldata results) private view {
        for (uint256 i = 0; i < results.length; i++) {
            address beacon = address(uint160(uint256(vm.load(results[i].proxy, BEACON))));
            address now_ = address(uint160(uint256(vm.load(results[i].proxy, IMPLEMENTATION))));
            if (beacon != address(0)) now_ = UpgradeableBeacon(beacon).implementation();
            require(now_ == results[i].implementation, "the proxy runs something else");
        }
    }
}
`;

const abi = parseAbi([
  "struct Step { address from; address to; uint256 value; bytes data; uint256 time; }",
  "struct Result { address proxy; address implementation; }",
  "function run(Step[] upgrade, Result[] results, Step[] containment, Step[] rollback, Result[] before)",
]);

/** A sentence where forge is missing. */
export async function forgeProject(path: UpgradePath): Promise<ForgeProject | string> {
  const forge = forgeBinary();
  if (forge === undefined)
    return "forge is not installed, and the check is measured beside it: run npm install --save-dev @foundry-rs/forge.";
  const folder = await mkdtemp(join(tmpdir(), "quorate-bench-forge-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  const environment = { PATH: process.env.PATH, HOME: folder, FOUNDRY_DISABLE_NIGHTLY_WARNING: "1" };
  const options = { cwd: folder, env: environment, maxBuffer: 64 * 1024 * 1024 };
  try {
    await writeProject(folder);
    await run(forge, ["build", "--offline"], options);
  } catch (error) {
    await remove();
    throw error;
  }
  const data = encodeFunctionData({
    abi,
    args: [path.steps, path.results, path.containment, path.rollback, path.before],
  });
  return {
    remove,
    async simulate(url) {
      const started = performance.now();
      await run(
        forge,
        ["script", "script/Upgrade.s.sol:Upgrade", "--offline", "--sig", data, "--rpc-url", url],
        options,
      );
      return performance.now() - started;
    },
  };
}

/** The compiler is the one from npm, behind a shell that knows its version without loading it. */
async function writeProject(folder: string): Promise<void> {
  const solc = join(folder, "solc");
  const require = createRequire(import.meta.url);
  const wrapper = [
    'const solc = require(process.argv[1]); let text = "";',
    'process.stdin.on("data", (part) => { text += part; }).on("end", () => process.stdout.write(solc.compile(text)));',
  ].join(" ");
  const version = await compilerVersion();
  const libraries = dirname(require.resolve("@openzeppelin/contracts/package.json"));
  await mkdir(join(folder, "script"));
  await Promise.all([
    cp(join(import.meta.dirname, "../../src/embedded/contracts"), join(folder, "src"), {
      recursive: true,
      filter: (name) => !name.endsWith(".json"),
    }),
    symlink(dirname(libraries), join(folder, "openzeppelin")),
    writeFile(join(folder, "script/Upgrade.s.sol"), script),
    writeFile(
      join(folder, "foundry.toml"),
      `[profile.default]\nsolc = "${solc}"\nsrc = "src"\nscript = "script"\nlibs = ["openzeppelin"]\nremappings = ["@openzeppelin/=openzeppelin/"]\nevm_version = "cancun"\noptimizer = true\noptimizer_runs = 200\nno_storage_caching = true\n`,
    ),
    writeFile(
      solc,
      `#!/bin/sh\ncase "$1" in\n--version) echo "solc, the solidity compiler commandline interface"; echo "Version: ${version}.Linux.g++";;\n*) exec "${process.execPath}" -e '${wrapper}' "${require.resolve("solc")}";;\nesac\n`,
    ),
  ]);
  await chmod(solc, 0o755);
}

/** The platform's binary itself, without npm's wrapper around it, which is slower. */
function forgeBinary(): string | undefined {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve("@foundry-rs/forge/package.json"));
    const folder = dirname(require.resolve(`@foundry-rs/forge-${process.platform}-${architecture}/package.json`));
    return join(folder, "bin", process.platform === "win32" ? "forge.exe" : "forge");
  } catch {
    return undefined;
  }
}
