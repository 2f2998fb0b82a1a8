/** What can be told of any page without eyes: the order of its headings, its names, its contrasts. */

/** Runs in the page. */
export function structure() {
  const all = [
    ...document.querySelectorAll<HTMLElement>("button, input, textarea, select, a, summary, img, [tabindex]"),
  ];
  const nameOf = (one: HTMLElement) => {
    const labels = one instanceof HTMLInputElement || one instanceof HTMLTextAreaElement ? one.labels : null;
    return one.getAttribute("aria-label") ?? labels?.[0]?.textContent ?? one.textContent ?? "";
  };
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  const references = [...document.querySelectorAll("[aria-labelledby], [aria-describedby], label[for]")].flatMap(
    (one) => ["aria-labelledby", "aria-describedby", "for"].flatMap((name) => one.getAttribute(name)?.split(" ") ?? []),
  );
  return {
    levels: [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map(({ tagName }) => Number(tagName.slice(1))),
    nameless: all
      .filter((one) => (one instanceof HTMLImageElement ? !one.hasAttribute("alt") : nameOf(one).trim() === ""))
      .map((one) => one.outerHTML.slice(0, 100)),
    repeated: ids.filter((id, at) => ids.indexOf(id) !== at),
    dangling: references.filter((id) => document.getElementById(id) === null),
  };
}

/** Runs in the page: texts whose ratio to the ground behind them is below 4.5 (WCAG 2.2, 1.4.3). */
export function poorContrasts(): string[] {
  const channels = (text: string) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([r = 0, g = 0, b = 0]: number[]) => {
    const [x = 0, y = 0, z = 0] = [r, g, b].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element: Element | null): number[] => {
    if (element === null) return [255, 255, 255];
    const colour = channels(getComputedStyle(element).backgroundColor);
    return colour.length === 3 || colour[3] === 1 ? colour : ground(element.parentElement);
  };
  const poor: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (element === null || !element.checkVisibility() || (node.textContent ?? "").trim() === "") continue;
    if (element.closest(":disabled, script, style, noscript, .unseen") !== null) continue;
    texts += 1;
    const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${element.tagName}.${element.className}: ${node.textContent}`);
  }
  return texts > 20 ? poor : [`only ${texts} texts were found`];
}
