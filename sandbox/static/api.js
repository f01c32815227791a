// The control API of the sandbox, see sandbox/control/.

async function answer(response) {
  const body = await response.json();
  if (!response.ok) throw new Error(body.error ?? `The sandbox answered ${response.status}`);
  return body;
}

/** Look. */
export async function get(path) {
  return answer(await fetch(`/control${path}`));
}

/** Act. */
export async function post(path, fields) {
  const headers = { "Content-Type": "application/json" };
  return answer(await fetch(`/control${path}`, { method: "POST", headers, body: JSON.stringify(fields) }));
}

/** Undo. */
export async function remove(path) {
  return answer(await fetch(`/control${path}`, { method: "DELETE" }));
}

/** A file that was chosen, as the control API takes it. */
export async function readFile(file) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Error(`${file.name} cannot be read`));
    reader.readAsDataURL(file);
  });
  const content = url.slice(url.indexOf(",") + 1);
  return { name: file.name, content, media_type: file.type || "application/octet-stream" };
}

/** Call `onChange` for every change of the world; `onState(connected)` when the line comes or goes. */
export function follow(onChange, onState) {
  const source = new EventSource("/control/feed");
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
  source.onmessage = (event) => onChange(JSON.parse(event.data));
}

/** Run `work` now; calls that come while it runs cause one more run after it. `work` must not fail. */
export function coalesced(work) {
  let running = false;
  let again = false;
  return async function run() {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      await work();
    }
    running = false;
  };
}
