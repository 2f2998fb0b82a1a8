/** The page's script and style, bundled in memory when the console starts: there is no build step and no file to go stale. */

import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export interface PageFiles {
  html: string;
  script: string;
  style: string;
}

const folder = fileURLToPath(new URL("./page/", import.meta.url));

/** Bundles the page. Fails where a source of the page does not compile. */
export async function bundlePage(): Promise<PageFiles> {
  const result = await build({
    absWorkingDir: folder,
    entryPoints: { console: "main.tsx", style: "style/main.css" },
    bundle: true,
    write: false,
    outdir: folder,
    format: "esm",
    target: "es2022",
    minify: true,
    legalComments: "none",
    charset: "utf8",
    jsx: "automatic",
    jsxImportSource: "preact",
    logLevel: "silent",
  });
  const text = (ending: string) => result.outputFiles.find((file) => file.path.endsWith(ending))?.text ?? "";
  return { html, script: text("console.js"), style: text("style.css") };
}

const icon =
  "data:image/svg+xml," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#4f46e5"/>' +
      '<g fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round"><circle cx="16" cy="15" r="7.5"/>' +
      '<path d="M19.5 19.5l4 4.5"/></g></svg>',
  );

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<title>Quorate console</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="/style.css">
<script type="module" src="/console.js"></script>
</head>
<body><div id="app"><noscript>The console needs JavaScript.</noscript></div></body>
</html>
`;
