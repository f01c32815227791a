// Files chosen to be sent: picked, pasted or dropped.

import { byId, icon, make } from "./dom.js";
import { sizeWord } from "./words.js";

export const FILES_MAX = 10;

/** `add(files)` is called with what an agent picks, pastes or drops. */
export function onFiles(add) {
  const taken = (event, files) => {
    if (!files?.length) return;
    event.preventDefault();
    add([...files]);
  };
  byId("file").addEventListener("change", (event) => {
    taken(event, byId("file").files);
    byId("file").value = "";
  });
  byId("text").addEventListener("paste", (event) => taken(event, event.clipboardData?.files));
  byId("thread-body").addEventListener("dragover", (event) => event.preventDefault());
  byId("thread-body").addEventListener("drop", (event) => taken(event, event.dataTransfer?.files));
}

export function chosenNode(file, without) {
  const remove = make("button", { type: "button", class: "icon-button" }, icon("close"));
  remove.setAttribute("aria-label", `Do not attach ${file.name}`);
  remove.addEventListener("click", without);
  const size = make("span", { class: "file-size" }, sizeWord(file.size));
  return make("li", {}, thumbnail(file), make("bdi", {}, file.name), size, remove);
}

function thumbnail(file) {
  if (!file.type.startsWith("image/")) return icon("file");
  const image = make("img", { class: "thumbnail", alt: "", src: URL.createObjectURL(file) });
  for (const done of ["load", "error"]) image.addEventListener(done, () => URL.revokeObjectURL(image.src));
  image.addEventListener("error", () => image.replaceWith(icon("file")));
  return image;
}
