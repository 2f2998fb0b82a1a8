/** ARCHITECTURE.md says what is there and nothing else, and what it says of imports is enforced. */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { lifecycleDiagram, transitions } from "../src/domain/lifecycle.ts";

const root = resolve(import.meta.dirname, "..");
const architecture = await readFile(join(root, "ARCHITECTURE.md"), "utf8");

async function folders(under: string): Promise<string[]> {
  const entries = await readdir(join(root, under), { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

async function sources(under: string): Promise<string[]> {
  const entries = await readdir(join(root, under), { recursive: true });
  return entries.filter((name) => /\.tsx?$/.test(name)).map((name) => join(under, name));
}

describe("ARCHITECTURE.md", () => {
  test("has at most 80 lines", () => {
    expect(architecture.trimEnd().split("\n").length).toBeLessThanOrEqual(80);
  });

  test("names every folder of src, and none that is not there", async () => {
    const named = [...architecture.matchAll(/`(?:src\/)?([a-z-]+)\/`/g)].map((match) => match[1]);
    const there = await folders("src");
    expect(new Set(named)).toEqual(new Set([...there, "commands", "policies"]));
  });

  test("shows the lifecycle as the code has it", () => {
    expect(architecture).toContain(`\`\`\`mermaid\n${lifecycleDiagram()}\n\`\`\``);
    expect(lifecycleDiagram().split("\n").length).toBeGreaterThan(transitions.length);
  });
});

describe("the dependency rule", () => {
  const forbidden = [
    { file: "src/domain/x.ts", line: 'import "../ports.ts";' },
    { file: "src/domain/x.ts", line: 'import "node:fs";' },
    { file: "src/domain/alerts/x.ts", line: 'import "../../ports.ts";' },
    { file: "src/domain/alerts/x.ts", line: 'import "node:fs";' },
    { file: "src/domain/alerts/x.ts", line: "export const now = () => Date.now();" },
    { file: "src/domain/x.ts", line: 'import type { Hono } from "hono";' },
    { file: "src/domain/x.ts", line: "export const now = () => Date.now();" },
    { file: "src/domain/x.ts", line: "export const home = process.env.HOME;" },
    { file: "commands/x.ts", line: 'import "../src/main.ts";' },
    { file: "commands/x.ts", line: 'import "viem";' },
    { file: "src/chat/x.ts", line: 'import type { Store } from "../store/open-store.ts";' },
    { file: "src/chat/slack/x.ts", line: 'import "../discord/discord.ts";' },
    { file: "src/chat/discord/x.ts", line: 'import "../../web/server.ts";' },
    { file: "src/chat/console/x.ts", line: 'import "../slack/slack.ts";' },
    { file: "src/web/x.ts", line: 'import "../chat/inert-text.ts";' },
    { file: "src/safe-service/x.ts", line: 'import "../ceremonies/ledger.ts";' },
    { file: "src/safe-service/x.ts", line: 'import "../view.ts";' },
    { file: "src/ceremonies/x.ts", line: 'import "../safe-service/client.ts";' },
    { file: "src/chain/x.ts", line: 'import "../embedded/world.ts";' },
    { file: "src/store/x.ts", line: 'export const later = () => import("../chat/tokens.ts");' },
    { file: "src/gates/x.ts", line: 'import "../chain/open.ts";' },
    { file: "src/gates/x.ts", line: 'import "../builds/open-builds.ts";' },
    { file: "src/builds/x.ts", line: 'import "../chain/open.ts";' },
    { file: "src/watch/x.ts", line: 'import "../ceremonies/ledger.ts";' },
    { file: "src/ceremonies/x.ts", line: 'import "../watch/watch.ts";' },
    { file: "src/people/x.ts", line: 'import "../ceremonies/ledger.ts";' },
    { file: "src/paging/x.ts", line: 'import "../ceremonies/ledger.ts";' },
    { file: "src/ceremonies/x.ts", line: 'import "../paging/watch-log.ts";' },
    { file: "src/ceremonies/x.ts", line: 'import "../people/people-log.ts";' },
  ];
  const allowed = [
    {
      file: "src/domain/y.ts",
      line: 'import "./events.ts";\nimport { keccak256 } from "viem";\nexport { keccak256 };',
    },
    { file: "src/domain/alerts/y.ts", line: 'import "../watch/verdict-bits.ts";\nimport "../events.ts";' },
    { file: "src/gates/y.ts", line: 'import "../domain/watch/verdict-bits.ts";' },
    { file: "commands/y.ts", line: 'import "../src/domain/why.ts";' },
    { file: "src/chat/y.ts", line: 'import "../view.ts";\nimport "hono";' },
    { file: "src/chat/slack/y.ts", line: 'import "../buttons.ts";\nimport "../../ports.ts";' },
    { file: "src/safe-service/y.ts", line: 'import "../safe-service-port.ts";\nimport "../domain/signing.ts";' },
    { file: "src/main.ts", line: 'import "./store/open-store.ts";' },
  ];

  test("Biome refuses each forbidden import and global, and no allowed one", async () => {
    const folder = await mkdtemp(join(tmpdir(), "quorate-lint-"));
    try {
      const config = JSON.parse(await readFile(join(root, "biome.json"), "utf8"));
      await writeFile(join(folder, "biome.json"), JSON.stringify({ ...config, vcs: { enabled: false } }));
      await symlink(join(root, "node_modules"), join(folder, "node_modules"));
      const cases = [...forbidden, ...allowed].map((one, index) => ({
        ...one,
        file: one.file.replace(/([xy])\.ts$/, `$1${index}.ts`),
      }));
      for (const { file, line } of cases) {
        await mkdir(dirname(join(folder, file)), { recursive: true });
        await writeFile(join(folder, file), `${line}\n`);
      }
      const refused = await refusedFiles(folder);
      for (const { file, line } of cases.slice(0, forbidden.length))
        expect(refused, `${file}: ${line}`).toContain(file);
      for (const { file, line } of cases.slice(forbidden.length))
        expect(refused, `${file}: ${line}`).not.toContain(file);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** Files in which Biome finds a restricted import or global. */
async function refusedFiles(folder: string): Promise<string[]> {
  const biome = join(root, "node_modules/.bin/biome");
  const options = { cwd: folder, maxBuffer: 10_000_000 };
  const { stdout } = await promisify(execFile)(biome, ["lint", "--reporter=json", "."], options).catch(
    (fault) => fault as { stdout: string },
  );
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { category: string; location: { path: string | { file: string } } }[];
  };
  return diagnostics
    .filter((one) => /noRestricted(Imports|Globals)/.test(one.category))
    .map(({ location }) =>
      (typeof location.path === "string" ? location.path : location.path.file).replace(/^\.\//, ""),
    );
}

describe("the house rules", () => {
  test("no source file is longer than 300 lines, and none is called after what it is not", async () => {
    const files = [...(await sources("src")), ...(await sources("commands"))];
    for (const file of files) {
      const lines = (await readFile(join(root, file), "utf8")).trimEnd().split("\n").length;
      expect(lines, file).toBeLessThanOrEqual(300);
      expect(file).not.toMatch(/(utils?|helpers?|managers?|common|misc)\.tsx?$/);
    }
  });

  test("nothing names a machine, a registry or a private path", async () => {
    const files = [...(await sources("src")), ...(await sources("commands")), ...(await sources("test"))];
    for (const file of files.filter((name) => !name.endsWith("architecture.test.ts"))) {
      const text = await readFile(join(root, file), "utf8");
      expect(text, file).not.toMatch(/\/(?:work|root|home)\/[a-z]|registry\.npmjs|deb\.debian/);
    }
  });

  test("the lock file is whole for every platform, and names no registry", async () => {
    const text = await readFile(join(root, "package-lock.json"), "utf8");
    expect(text).not.toContain('"resolved"');
    const { packages } = JSON.parse(text) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          packages[`node_modules/${name}`] === undefined && packages[`${path}/node_modules/${name}`] === undefined,
      ),
    );
    expect(missing).toEqual([]);
  });
});
