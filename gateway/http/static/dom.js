// Building nodes without markup strings: text stays text.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** An element; `props` are properties ("class" too), "aria-…", "data-…" and "role" attributes. */
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

/** Show an error where it happened, or hide it. */
export function showError(node, error) {
  node.textContent = error ? error.message : "";
  node.hidden = !error;
}

/** Make `parent` hold exactly these nodes; those that stay are not touched, nor is their focus. */
export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...parent.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, at) => {
    if (parent.children[at] !== node) parent.insertBefore(node, parent.children[at] ?? null);
  });
}

/** Remembers the node made for each key and makes a new one only when its value has changed. */
export class Nodes {
  #kept = new Map();

  of(key, value, build) {
    const print = JSON.stringify(value);
    const kept = this.#kept.get(key);
    if (kept?.print === print) return kept.node;
    const node = build();
    this.#kept.set(key, { print, node });
    return node;
  }

  keep(keys) {
    for (const key of [...this.#kept.keys()]) if (!keys.has(key)) this.#kept.delete(key);
  }
}
