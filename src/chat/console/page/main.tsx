/** Starts the page, as soon as the console says who is here. */

import { render } from "preact";
import type { Setup } from "../wire.ts";
import { App } from "./app.tsx";

async function start(element: HTMLElement): Promise<void> {
  try {
    const response = await fetch("/api/setup");
    const setup: Setup = await response.json();
    render(<App setup={setup} />, element);
  } catch {
    render(<p class="banner">The console does not answer. Start it again and reload this page.</p>, element);
  }
}

const element = document.getElementById("app");
if (element) void start(element);
