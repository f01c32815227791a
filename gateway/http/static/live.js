// The live stream, read with fetch: EventSource cannot send the token. Goes on where it was.

const SILENCE_MS = 45_000; // the gateway gives a sign of life every 15 s
const PAUSE_MS = [1000, 2000, 5000, 15_000];

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Listen until `signal` is aborted.
 * told(event): something happened. reset(): anything may have happened. state(connected).
 */
export async function listen(api, signal, { told, reset, state }) {
  let last = "";
  let failures = 0;
  while (!signal.aborted) {
    try {
      await once(api, signal, last, (event) => {
        if (failures || !last) state(true);
        failures = 0;
        if (event.kind === "reset" || !last) reset();
        last = event.id;
        if (event.data) told(event.data);
      });
    } catch (error) {
      if (error.status === 401 || signal.aborted) return;
      if (error.status === 422) last = ""; // an id of another installation
      if (!last && failures === 0) reset(); // not live, but there is something to show
    }
    if (signal.aborted) return;
    state(false);
    await wait(PAUSE_MS[Math.min(failures, PAUSE_MS.length - 1)] * (0.75 + Math.random() / 2));
    failures += 1;
  }
}

async function once(api, signal, last, take) {
  const silence = new AbortController();
  const path = last ? `/api/v1/live?after=${encodeURIComponent(last)}` : "/api/v1/live";
  const answer = await api.raw(path, { signal: AbortSignal.any([signal, silence.signal]) });
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      const blocks = (text + value).split("\n\n");
      text = blocks.pop();
      for (const block of blocks) take(parse(block));
    }
  } finally {
    clearTimeout(timer);
  }
}

/** `kind` is "reset" or ""; `data` is null for a sign of life. */
function parse(block) {
  const fields = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 2);
  }
  const plain = fields.data && fields.event !== "reset";
  return { id: fields.id, kind: fields.event ?? "", data: plain ? JSON.parse(fields.data) : null };
}
