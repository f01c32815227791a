// Files that were sent. The sandbox serves them as downloads only; they are shown from memory.

const KEPT_MAX = 60;
const kept = new Map(); // file id -> promise of an object URL, least recently used first

/** An object URL of the file's bytes; the same one as long as it is remembered. */
export function fileUrl(fileId, type) {
  const url = kept.get(fileId) ?? load(fileId, type);
  kept.delete(fileId);
  kept.set(fileId, url);
  if (kept.size > KEPT_MAX) forget(kept.keys().next().value);
  return url;
}

async function load(fileId, type) {
  const response = await fetch(downloadPath(fileId));
  if (!response.ok) throw new Error("This file is not there any more");
  return URL.createObjectURL(new Blob([await response.arrayBuffer()], { type }));
}

function forget(fileId) {
  kept.get(fileId).then(URL.revokeObjectURL, () => {});
  kept.delete(fileId);
}

/** Where a link that saves the file leads. */
export const downloadPath = (fileId) => `/control/telegram/files/${fileId}`;
