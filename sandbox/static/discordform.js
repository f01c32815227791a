// What is filled in on Discord: the options of a command, and the forms that a bot shows.

import { readFile } from "./api.js";
import { byId, make, showError } from "./dom.js";

const [ROW, TEXT_SELECT, TEXT_INPUT, TEXT, LABEL] = [1, 3, 4, 10, 18];
const [WHOLE, YES_NO, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, FILE] = [4, 5, 6, 7, 8, 9, 10, 11];
const PARAGRAPH = 2;

/** A command and its parts, each as one that can be used: [{path, options, description}]. */
export function usable(command, path = command.name) {
  const parts = (command.options ?? []).filter(({ type }) => type < 3);
  if (!parts.length) return [{ path, options: command.options ?? [], description: command.description }];
  return parts.flatMap((part) => usable(part, `${path} ${part.name}`));
}

/** The dialog over the page. One at a time; `onSubmit(values)` may throw what is then shown. */
export class Dialog {
  constructor() {
    this.dialog = byId("discord-dialog");
    this.form = byId("discord-dialog-form");
    this.onSubmit = null;
    this.onClose = null;
    this.form.addEventListener("submit", (event) => this.#submit(event));
    byId("discord-dialog-cancel").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.onClose?.());
  }

  get shown() {
    return this.dialog.open;
  }

  /** The options of a slash command. */
  askOptions({ path, options, description }, view, onSubmit) {
    const fields = options.map((option) => [option, this.#input(option, view)]);
    const rows = fields.map(([{ name, description: about, required }, input]) =>
      make("label", {}, `${name}${required ? "" : " (optional)"}`, make("span", { class: "about" }, about ?? ""), input));
    this.#show(`/${path}`, description, rows, async () => onSubmit(await values(fields)), null);
  }

  /** A form that a bot has shown. */
  askForm({ title, components }, view, onSubmit, onClose) {
    const fields = [];
    const rows = components.map((row) => this.#formRow(row, view, fields)).filter(Boolean);
    const read = () => Object.fromEntries(fields.map(([id, input]) =>
      [id, input.multiple ? [...input.selectedOptions].map(({ value }) => value) : input.value]));
    this.#show(title, "", rows, () => onSubmit(read()), onClose);
  }

  close() {
    this.onClose = null;
    if (this.shown) this.dialog.close();
  }

  #formRow(row, view, fields) {
    if (row.type === TEXT) return make("p", {}, row.content);
    const field = row.type === ROW ? row.components[0] : row.component;
    if (!field || (row.type !== ROW && row.type !== LABEL)) return null;
    const input = field.type === TEXT_INPUT ? textInput(field) : selectInput(field, view);
    fields.push([field.custom_id, input]);
    const about = row.description ? make("span", { class: "about" }, row.description) : null;
    return make("label", {}, row.label ?? field.label ?? "", about, input);
  }

  #input(option, view) {
    const props = { required: Boolean(option.required), name: option.name };
    const list = (options) => make("select", props, make("option", { value: "" }, ""), ...options.map(({ label, value }) => make("option", { value }, label)));
    if (option.choices?.length) return list(option.choices.map(({ name, value }) => ({ label: name, value })));
    if (option.type === YES_NO) return list([{ label: "Yes", value: "true" }, { label: "No", value: "false" }]);
    if ([USER, CHANNEL, ROLE, MENTIONABLE].includes(option.type)) return list(view.choices({ [USER]: 5, [ROLE]: 6, [MENTIONABLE]: 7, [CHANNEL]: 8 }[option.type]));
    if (option.type === FILE) return make("input", { ...props, type: "file" });
    const number = option.type === WHOLE || option.type === NUMBER;
    return make("input", { ...props, type: number ? "number" : "text", step: option.type === NUMBER ? "any" : "1", maxLength: option.max_length ?? 6000, autocomplete: "off" });
  }

  #show(title, about, rows, onSubmit, onClose) {
    byId("discord-dialog-title").textContent = title;
    byId("discord-dialog-about").textContent = about ?? "";
    byId("discord-dialog-fields").replaceChildren(...rows);
    showError(byId("discord-dialog-error"), null);
    this.onSubmit = onSubmit;
    this.onClose = onClose;
    if (!this.shown) this.dialog.showModal();
  }

  async #submit(event) {
    event.preventDefault();
    try {
      await this.onSubmit();
      this.close();
    } catch (error) {
      showError(byId("discord-dialog-error"), error);
    }
  }
}

function textInput({ style, value, placeholder, required = true, min_length: least, max_length: most }) {
  const props = { value: value ?? "", placeholder: placeholder ?? "", required, maxLength: most ?? 4000, dir: "auto" };
  const input = style === PARAGRAPH ? make("textarea", { ...props, rows: 3 }) : make("input", { ...props, autocomplete: "off" });
  if (least) input.minLength = least;
  return input;
}

function selectInput({ type, options, required = true, max_values: most = 1 }, view) {
  const known = type === TEXT_SELECT ? options : view.choices(type);
  return make("select", { required, multiple: most > 1 }, ...known.map(({ label, value, default: selected = false }) => make("option", { value, selected }, label)));
}

async function values(fields) {
  const options = {};
  const files = {};
  for (const [{ name, type }, input] of fields) {
    if (type === FILE && input.files.length) files[name] = await readFile(input.files[0]);
    else if (type !== FILE && input.value !== "") options[name] = typed(type, input.value);
  }
  return { options, files };
}

function typed(type, value) {
  if (type === WHOLE || type === NUMBER) return Number(value);
  return type === YES_NO ? value === "true" : value;
}
