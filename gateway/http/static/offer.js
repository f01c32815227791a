// Buttons under a reply: rows of what the customer can press.

import { byId, icon, make } from "./dom.js";

const IN_ROW_MAX = 8;
const ROWS_MAX = 20;
const LINK = /^https?:\/\//i;

const blank = () => ({ label: "", target: "" });

/** The buttons as the API takes them; without a value a button comes back as its label. */
export function offered(rows) {
  const one = ({ label, target }) => {
    const said = target.trim() || label.trim();
    return LINK.test(said) ? { label, url: said } : { label, value: said };
  };
  const written = ({ label, target }) => label.trim() || target.trim();
  return rows.map((row) => row.filter(written).map(one)).filter((row) => row.length);
}

export class Offer {
  #changed;
  #rows = [];

  /** `changed(rows)` is called with rows of { label, target } whenever they are others. */
  constructor(changed) {
    this.#changed = changed;
    byId("offer-open").addEventListener("click", () => this.#toggle());
    byId("offer-row").addEventListener("click", () => this.#take([...this.#rows, [blank()]], [this.#rows.length, 0]));
  }

  show(rows, possible) {
    byId("offer-open").hidden = !possible;
    byId("offer-open").setAttribute("aria-expanded", String(rows.length > 0));
    byId("offer").hidden = !possible || !rows.length;
    byId("offer-row").hidden = rows.length >= ROWS_MAX;
    if (rows === this.#rows) return;
    this.#rows = rows;
    byId("offer-rows").replaceChildren(...rows.map((row, at) => this.#row(row, at)));
  }

  /** What is written already is not thrown away by the way. */
  #toggle() {
    const written = offered(this.#rows).length > 0;
    if (written) byId("offer-rows").querySelector("input").focus();
    else this.#take(this.#rows.length ? [] : [[blank()]], [0, 0]);
  }

  /** Other rows; `focus` is the place of the button that is written next. */
  #take(rows, focus) {
    this.#changed(rows);
    const [row, place] = focus;
    (byId("offer-rows").children[row]?.querySelectorAll(".offer-label")[place] ?? byId("offer-open")).focus();
  }

  #row(row, at) {
    const more = make("button", { type: "button", class: "icon-button" }, icon("plus"));
    more.setAttribute("aria-label", `One more button in row ${at + 1}`);
    more.title = "One more button beside it";
    more.addEventListener("click", () => this.#replace(at, [...row, blank()], row.length));
    const node = make("li", { role: "group", "aria-label": `Row ${at + 1}` });
    node.append(...row.map((button, place) => this.#button(row, at, button, place)));
    if (row.length < IN_ROW_MAX) node.append(more);
    return node;
  }

  #replace(at, row, place) {
    const rows = this.#rows.map((one, other) => (other === at ? row : one)).filter((one) => one.length);
    this.#take(rows, [Math.min(at, rows.length - 1), place]);
  }

  /** What is typed changes the button in place: the fields stay, and so does the focus. */
  #button(row, at, button, place) {
    const label = make("input", { class: "offer-label", value: button.label, maxLength: 100, placeholder: "Label", autocomplete: "off", dir: "auto" });
    const target = make("input", { value: button.target, maxLength: 2000, placeholder: "Value or https:// link", autocomplete: "off" });
    label.setAttribute("aria-label", `Label of button ${place + 1} in row ${at + 1}`);
    target.setAttribute("aria-label", `Value or link of button ${place + 1} in row ${at + 1}`);
    const typed = () => {
      Object.assign(button, { label: label.value, target: target.value });
      label.required = Boolean(target.value.trim());
    };
    label.addEventListener("input", typed);
    target.addEventListener("input", typed);
    typed();
    const remove = make("button", { type: "button", class: "icon-button" }, icon("close"));
    remove.setAttribute("aria-label", `Remove button ${place + 1} of row ${at + 1}`);
    remove.addEventListener("click", () =>
      this.#replace(at, row.filter((one) => one !== button), Math.max(0, place - 1)),
    );
    return make("span", { class: "offer-button" }, label, target, remove);
  }
}
