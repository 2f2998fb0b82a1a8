/** The signing page as one file: script and style inline, the same bytes every time, and the policy under which it runs. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";

export interface PageFile {
  /** The whole page; it asks nothing of anybody but the origin it came from. */
  html: string;
  /** SHA-256 of the UTF-8 bytes of `html`, as hexadecimal digits: what a release states. */
  sha256: string;
  /** Content-Security-Policy for the response: the page's own script and style by hash, and nothing else. */
  csp: string;
}

const folder = fileURLToPath(new URL("./page/", import.meta.url));

/** Bundles the page in memory. Fails where a source of it does not compile. */
export async function pageFile(): Promise<PageFile> {
  const { outputFiles } = await build({
    ...bundleOptions,
    absWorkingDir: folder,
    entryPoints: { page: "main.tsx", style: "style/main.css" },
    outdir: folder,
  });
  const text = (ending: string) => outputFiles.find((file) => file.path.endsWith(ending))?.text.trim() ?? "";
  const script = text("page.js");
  const style = text("style.css");
  const policy = [
    "default-src 'none'",
    `script-src ${hashSource(script)}`,
    `style-src ${hashSource(style)}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  const html = document(policy, script, style);
  // A <meta> policy cannot say who may frame the page.
  return { html, sha256: createHash("sha256").update(html).digest("hex"), csp: `${policy}; frame-ancestors 'none'` };
}

/** zod brings its sentences in 50 languages, half of its size; the page speaks one. */
const englishOnly: Plugin = {
  name: "english-only",
  setup({ onResolve }) {
    onResolve({ filter: /\/locales\/index\.js$/ }, ({ importer, resolveDir }) =>
      /[\\/]zod[\\/]v4[\\/]/.test(importer) ? { path: join(resolveDir, "../locales/en.js") } : undefined,
    );
  },
};

/** How the page is bundled, into memory; whoever runs single modules of it in a browser bundles them alike. */
export const bundleOptions = {
  bundle: true,
  write: false,
  format: "iife",
  target: "es2022",
  minify: true,
  legalComments: "none",
  charset: "utf8",
  jsx: "automatic",
  jsxImportSource: "preact",
  // zod would otherwise try `new Function`, which the policy forbids and the browser reports.
  banner: { js: "globalThis.__zod_globalConfig={jitless:true};" },
  plugins: [englishOnly],
  logLevel: "silent",
} as const satisfies BuildOptions;

function hashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

const icon =
  "data:image/svg+xml," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#4a43d6"/>' +
      '<g fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round"><circle cx="16" cy="15" r="7.5"/>' +
      '<path d="M19.5 19.5l4 4.5"/></g></svg>',
  );

/** The policy stands in the page too: opened from disk it is under it as well. */
function document(policy: string, script: string, style: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Sign · Quorate</title>
<link rel="icon" href="${icon}">
<style>${style}</style>
</head>
<body>
<div id="app"><noscript>This page computes every hash itself, which needs JavaScript.</noscript></div>
<script>${script}</script>
</body>
</html>
`;
}
