// Formatting that follows its text while the text is being edited. Pure; places are code points.

/**
 * The spans after a text became another one by one change in one place: those before it stay, those
 * after it move, those around it grow or shrink. -> { spans, lost }: whether words that are still
 * written have lost their formatting.
 */
export function respanned(spans, before, after) {
  const { start, end, grown } = difference(Array.from(before), Array.from(after));
  const kept = spans.map((span) => moved(span, start, end, grown)).filter((span) => span?.length > 0);
  return { spans: kept, lost: kept.length < spans.length && end + grown > start };
}

/** What of the text before, from `start` to `end`, is other now, and by how much longer. */
function difference(before, after) {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let same = 0;
  while (same < most - start && before.at(-1 - same) === after.at(-1 - same)) same++;
  return { start, end: before.length - same, grown: after.length - before.length };
}

function moved(span, start, end, grown) {
  const to = span.start + span.length;
  if (to <= start) return span;
  if (span.start >= end) return { ...span, start: span.start + grown };
  if (span.start <= start && to >= end) return { ...span, length: span.length + grown };
  if (span.start < start) return { ...span, length: start - span.start };
  if (to > end) return { ...span, start: end + grown, length: to - end };
  return null;
}
