// Building nodes without markup strings: text stays text.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** An element; `props` are properties ("class" too), "aria-…" and "data-…" are attributes. */
export function make(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "class") node.className = value;
    else if (/^(aria-|data-|role$)/.test(name)) node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** An icon of the sprite in index.html. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Show a refusal where it happened, or hide it. */
export function showError(node, error) {
  node.textContent = error ? error.message : "";
  node.hidden = !error;
}

const SHORT = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const LONG = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const SIZE = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** A <time> that shows hours and minutes, and all of it on hover. */
export function stamp(date) {
  return make("time", { dateTime: date.toISOString(), title: LONG.format(date) }, SHORT.format(date));
}

/** Bytes for people. */
export function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : `${SIZE.format(bytes / 1024)} KB`;
}
