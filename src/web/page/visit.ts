/** Where the page came from, and what its link carries. */

export interface Visit {
  /** From a file on this computer: there is no server, and the brief is brought along. */
  offline: boolean;
  /** From the link's fragment, which browsers send nowhere; empty where there is none. */
  token: string;
  /** As a person would name it: an origin, or the file's path. */
  place: string;
}

export function thisVisit(): Visit {
  const { protocol, origin, hash, pathname } = location;
  const offline = protocol === "file:";
  const token = hash.replace(/^#(token=)?/, "");
  return { offline, token, place: offline ? decodeURIComponent(pathname) : origin };
}
