/** The guard: a tiny parent for anvil that ends it, and removes its folder, when the program is gone. */

/**
 * A shell that starts anvil, then waits on its own standard input. The program holds the other end of that pipe and
 * never writes: when the program ends, by SIGKILL too, the kernel closes it, `read` returns, anvil is killed and its
 * folder goes. anvil runs inside the folder with HOME there, so neither caches nor states land anywhere else; where
 * it is, is said first. The shell lets go of its outputs, so that their end tells the program that anvil itself is gone.
 */
const shell = `
folder=$(mktemp -d "\${TMPDIR:-/tmp}/quorate-anvil-XXXXXX") || exit 1
trap 'kill -9 $anvil 2>/dev/null; wait $anvil 2>/dev/null; cd /; rm -rf "$folder"' EXIT
trap 'exit 0' TERM HUP INT
cd "$folder" || exit 1
printf 'Folder %s\n' "$folder"
if [ -n "$1" ]; then printf '%s\n' "$1" >roots.pem && export SSL_CERT_FILE="$folder/roots.pem" SSL_CERT_DIR="$folder/none"; fi
shift
HOME="$folder" "$@" --cache-path "$folder" </dev/null & anvil=$!
exec >/dev/null 2>&1
read -r _
exit 0
`;

/** The same in JavaScript, where there is no shell (Windows). Costs one more Node process. */
const script = `
const { mkdtempSync, rmSync } = require("node:fs");
const { spawn } = require("node:child_process");
const folder = mkdtempSync(require("node:path").join(require("node:os").tmpdir(), "quorate-anvil-"));
process.stdout.write("Folder " + folder + "\\n");
const [binary, ...args] = process.argv.slice(1);
const environment = { ...process.env, HOME: folder, USERPROFILE: folder };
const anvil = spawn(binary, [...args, "--cache-path", folder], { cwd: folder, env: environment, stdio: ["ignore", "inherit", "inherit"] });
const end = () => anvil.kill("SIGKILL");
anvil.on("error", (error) => { process.stderr.write(error.message); clean(); });
anvil.on("exit", clean);
process.stdin.on("end", end).on("error", end).resume();
process.on("SIGTERM", end).on("SIGINT", end).on("SIGHUP", end);
function clean() { rmSync(folder, { recursive: true, force: true, maxRetries: 5 }); process.exit(0); }
`;

/**
 * The command that runs `binary` under a guard. Its standard input must stay open for as long as anvil shall live. `roots`:
 * PEM text of the only certificates that it trusts; empty for those of the machine. Windows has a store of its own.
 */
export function guardCommand(
  binary: string,
  args: string[],
  kind: "shell" | "script" = process.platform === "win32" ? "script" : "shell",
  roots = "",
): { command: string; args: string[] } {
  return kind === "shell"
    ? { command: "/bin/sh", args: ["-c", shell, "anvil-guard", roots, binary, ...args] }
    : { command: process.execPath, args: ["-e", script, "--", binary, ...args] };
}
