/** Which wallets there are: those that announce themselves (EIP-6963), and one labelled fallback. */

import { inert } from "./plain-words.ts";
import type { Provider } from "./provider.ts";

export interface Wallet {
  /** Unique on this page. */
  id: string;
  name: string;
  /** A `data:image/` address, or empty. */
  icon: string;
  provider: Provider;
}

/** Tells of the wallets now and whenever another announces itself; returns how to stop. */
export function watchWallets(tell: (wallets: Wallet[]) => void): () => void {
  const found = new Map<string, Wallet>();
  const publish = () => tell(withFallback([...found.values()]));
  const onAnnounce = (event: Event) => {
    const wallet = announced((event as CustomEvent<unknown>).detail);
    if (wallet === undefined || found.has(wallet.id)) return;
    found.set(wallet.id, wallet);
    publish();
  };
  addEventListener("eip6963:announceProvider", onAnnounce);
  dispatchEvent(new Event("eip6963:requestProvider"));
  publish();
  return () => removeEventListener("eip6963:announceProvider", onAnnounce);
}

function announced(detail: unknown): Wallet | undefined {
  if (!isRecord(detail) || !isRecord(detail.info) || !isProvider(detail.provider)) return undefined;
  const { uuid, name, icon } = detail.info;
  if (typeof uuid !== "string" || typeof name !== "string") return undefined;
  const safeIcon = typeof icon === "string" && icon.startsWith("data:image/") ? icon : "";
  return { id: uuid, name: inert(name).slice(0, 60), icon: safeIcon, provider: detail.provider };
}

/** Older wallet browsers know only `window.ethereum`; whose it is, nobody can tell. */
function withFallback(list: Wallet[]): Wallet[] {
  const old = (globalThis as { ethereum?: unknown }).ethereum;
  if (!isProvider(old) || list.some((one) => one.provider === old) || list.length > 0) return list;
  return [{ id: "fallback", name: "A wallet that does not say its name", icon: "", provider: old }];
}

function isProvider(value: unknown): value is Provider {
  return isRecord(value) && typeof value.request === "function";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
