/** What can be typed after `quorate`, besides start and rehearse. What a command does is loaded only when it runs. */

import { type Command, Option } from "commander";

const json = ["--json", "print JSON instead of text"] as const;

/** For options that may be given more than once. */
const several = (value: string, before: string[] = []) => [...before, value];

/** Adds the commands to the program. */
export function addTerminalCommands(program: Command): void {
  addHash(program);
  program
    .command("check")
    .description("Whether a release package or a Safe transaction may proceed, and why (RPC_<chainId>)")
    .argument("<file>", "a release package, {chainId, safe, safeTx}, or a file of the Safe Transaction Builder")
    .option("--policies <folder>", "the council's policy; QUORATE_POLICIES where left out")
    .option("--builds <folder>", "build files of the contracts; builds/ in the policy's folder where left out")
    .option(...json)
    .action(async (file, flags) => {
      process.exitCode = await (await import("./check.ts")).check(file, flags);
    });
  addPackage(program);
  addPolicy(program);
  addAudit(program);
  addDeploy(program);
  addCatalogue(program);
  addUpgrade(program);
  addIntake(program);
  program
    .command("delegate")
    .description("Make the gas account an owner's delegate in Safe's Transaction Service, which policy names")
    .requiredOption("--chain-id <number>", "the chain, such as 1; RPC_<chainId> is its RPC")
    .requiredOption("--safe <address>", "the Safe that it is to propose for")
    .option("--signature <hex>", "what an owner signed; where left out, that is printed")
    .action(async (flags) => (await import("./delegate.ts")).delegate(flags));
  program
    .command("page")
    .description("The signing page as one file, and the hash by which signers recognise it")
    .option("--out <file>", "where to write it")
    .option(...json)
    .action(async (flags) => (await import("./page.ts")).signingPageFile(flags));
  program
    .command("commands")
    .description("Every slash command with its options, as Markdown")
    .option("--write", "write it to docs/commands.md")
    .action(async (flags) => (await import("./commands.ts")).showCommands(flags));
}

function addHash(program: Command): void {
  program
    .command("hash")
    .description("Domain hash, message hash and safeTxHash of a Safe transaction, offline")
    .argument("[path]", "a JSON file, or a folder of them, each checked against the hashes it expects")
    .option("--chain-id <number>", "in place of a file: the chain, such as 1")
    .option("--safe <address>", "the Safe")
    .option("--safe-version <version>", "such as 1.4.1; before 1.3.0 the chain id is not hashed")
    .option("--domain-scheme <scheme>", "eip155 or legacy-no-chainId, where the version is not known")
    .option("--to <address>", "whom the Safe calls")
    .option("--value <wei>", "0 where left out")
    .option("--data <hex>", "calldata; 0x where left out")
    .option("--operation <number>", "0 (CALL) where left out; 1 is DELEGATECALL")
    .option("--safe-tx-gas <gas>", "0 where left out")
    .option("--base-gas <gas>", "0 where left out")
    .option("--gas-price <wei>", "0 where left out")
    .option("--gas-token <address>", "the zero address where left out")
    .option("--refund-receiver <address>", "the zero address where left out")
    .option("--nonce <number>", "the Safe's nonce")
    .option("--via <address@version>", "a Safe that owns it and that you sign for; again for one below", several)
    .option("--calls", "of a file or a folder: how many of its calls could be decoded, in place of the hashes")
    .option(...json)
    .action(async (path, flags) => (await import("./hash.ts")).hash(path, flags));
}

function addPackage(program: Command): void {
  const group = program.command("package").description("A release package as a file");
  group
    .command("build")
    .description("Build one from a policy target and new implementations, out of what the chain says (RPC_<chainId>)")
    .requiredOption("--target <id>", "which target of the policy to upgrade")
    .option("--release <id>", "a release of the target that policy names")
    .option("--implementation <contract=address>", "a new implementation; may be given again", several)
    .option("--title <text>", "one line for the card")
    .option("--rationale <text>", "why this upgrade")
    .addOption(new Option("--lane <lane>", "how it is reviewed").choices(["routine", "emergency"]).default("routine"))
    .option("--out <file>", "where to write it; standard output where left out")
    .action(async (flags) => (await import("./package.ts")).build(flags));
  group
    .command("show")
    .description("What it does, call by call, offline")
    .argument("<file>")
    .option(...json)
    .action(async (file, flags) => (await import("./package.ts")).show(file, flags));
  group
    .command("hash")
    .description("Its packageHash, offline")
    .argument("<file>")
    .option(...json)
    .action(async (file, flags) => (await import("./package.ts")).printHash(file, flags));
  group
    .command("diff")
    .description("What one changes against another, leaf by leaf, offline")
    .argument("<old>")
    .argument("<new>")
    .option(...json)
    .action(async (before, after, flags) => (await import("./package.ts")).diff(before, after, flags));
}

function addPolicy(program: Command): void {
  const group = program.command("policy").description("The council's policy files");
  group
    .command("validate")
    .description("Read a folder as a start would, and name everything that is wrong with it")
    .argument("[folder]", "QUORATE_POLICIES, or the sample policy, where left out")
    .option(...json)
    .action(async (folder, flags) => (await import("./policy.ts")).validatePolicy(folder, flags));
  group
    .command("schema")
    .description("The JSON Schemas of the policy files, for editors")
    .option("--write", "write them to policies/schema")
    .action(async (flags) => (await import("./policy.ts")).policySchema(flags));
}

function addAudit(program: Command): void {
  const group = program.command("audit").description("The hash-chained log; may run beside a running Quorate");
  const data = ["--data <folder>", "the data folder; QUORATE_DATA or DATABASE_URL where left out"] as const;
  group
    .command("verify")
    .description("Recompute every hash, and name what was changed, dropped, reordered or inserted")
    .option(...data)
    .option(...json)
    .action(async (flags) => (await import("./audit.ts")).verifyAudit(flags));
  group
    .command("export")
    .description("Every event, one line of JSON each")
    .option(...data)
    .option("--stream <name>", "one stream, such as ceremony/UP-1")
    .option("--json", "as without it: the lines are JSON")
    .action(async (flags) => (await import("./audit.ts")).exportAudit(flags));
}

function addDeploy(program: Command): void {
  program
    .command("deploy")
    .description("Contracts that ceremonies need on a chain")
    .command("preconditions")
    .description("Deploy the Preconditions contract by CREATE2, paid by GAS_KEY, unless it is there")
    .requiredOption("--chain-id <number>", "the chain, such as 1; RPC_<chainId> is its RPC")
    .action(async (flags) => (await import("./deploy.ts")).deployPreconditions(flags));
}

function addCatalogue(program: Command): void {
  program
    .command("catalogue")
    .description("Transactions that put onto a chain what is measured there on every block, and whether it is there")
    .requiredOption("--chain-id <number>", "the chain, such as 1; RPC_<chainId> is its RPC")
    .option(...json)
    .action(async (flags) => (await import("./catalogue.ts")).showCatalogue(flags));
}

const account = ["--account <account>", "who acts: an account in policy that starts with cli:"] as const;

function addUpgrade(program: Command): void {
  const group = program
    .command("upgrade")
    .description("Drive ceremonies on chains that others started (RPC_<chainId>, GAS_KEY)");
  group
    .command("run")
    .description("Watch, and send what is signed, until stopped")
    .action(async () => (await import("./upgrade-run.ts")).runUpgrades());
  group
    .argument("[words...]", "a command as in chat: approve UP-1, or propose target=harbour release=2.0.0")
    // Not required by commander: it would ask for it in `upgrade run` too.
    .option(...account)
    .option(...json)
    .helpCommand(false)
    .action(async (words, flags) => (await import("./upgrade.ts")).upgrade(words, flags));
}

function addIntake(program: Command): void {
  const group = program.command("intake").description("Hand in what a wallet has signed");
  const ceremony = ["--ceremony <id>", "such as UP-1"] as const;
  group
    .command("signature")
    .description("An owner's signature over a safeTxHash")
    .requiredOption(...account)
    .requiredOption(...ceremony)
    .requiredOption("--hash <safeTxHash>", "what was signed; may be given again, with its --signature", several)
    .requiredOption("--signature <hex>", "65 bytes", several)
    .option(...json)
    .action(async (flags) => (await import("./intake.ts")).intakeSignature(flags));
  group
    .command("transaction")
    .description("The executor's signed transaction")
    .requiredOption(...account)
    .requiredOption(...ceremony)
    .requiredOption("--raw <hex>", "the signed bytes, as cast mktx prints them")
    .option(...json)
    .action(async (flags) => (await import("./intake.ts")).intakeTransaction(flags));
  group
    .command("link")
    .description("What a wallet signed to be linked: the text of /upgrade link, and the signature")
    .requiredOption(...account)
    .requiredOption("--message <text>", "the text, every character as it was signed")
    .requiredOption("--signature <hex>", "what the wallet returned")
    .option(...json)
    .action(async (flags) => (await import("./intake.ts")).intakeLink(flags));
}
