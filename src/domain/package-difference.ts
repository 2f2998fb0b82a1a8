/** What one revision of a package changes against another, leaf by leaf. */

import { toJson } from "./canonical.ts";
import { canonicalForm, type ReleasePackage } from "./release-package.ts";

/** Lines such as `~ phases.0.window.notAfter: 100 → 200`, `+ audits.0.name: …`, `- calls.1.to: …`; sorted by path. */
export function packageDifference(before: ReleasePackage, after: ReleasePackage): string[] {
  const old = leaves(toJson(canonicalForm(before)));
  const now = leaves(toJson(canonicalForm(after)));
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  return paths.flatMap((path) => {
    const [was, is] = [old.get(path), now.get(path)];
    if (was === is) return [];
    if (was === undefined) return [`+ ${path}: ${is}`];
    return is === undefined ? [`- ${path}: ${was}`] : [`~ ${path}: ${was} → ${is}`];
  });
}

function leaves(value: unknown, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null) return new Map([[path, String(value)]]);
  const entries = Object.entries(value).flatMap(([key, item]) => [
    ...leaves(item, path === "" ? key : `${path}.${key}`),
  ]);
  return new Map(entries);
}
