/** Starts the page. */

import { render } from "preact";
import { App } from "./app.tsx";
import { thisVisit } from "./visit.ts";

// A link pasted into the same tab changes only the fragment: that is another visit.
addEventListener("hashchange", () => location.reload());

const element = document.getElementById("app");
if (element) render(<App visit={thisVisit()} />, element);
