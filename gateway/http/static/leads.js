// Where a link leads, if its words say something else.

const HOST = /(?:^|[^\p{L}\p{N}.-])((?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}{2,})(?![\p{L}\p{N}-])/iu;

/** The host to which a link leads although its words name another one; "" if they do not. */
export function leadsElsewhere(words, address) {
  const named = hostOf(`https://${HOST.exec(words)?.[1] ?? ""}`);
  const host = /^https?:/i.test(address) ? hostOf(address) : "";
  return named && host && !isWithin(named, host) && !isWithin(host, named) ? host : "";
}

const isWithin = (one, other) => `.${one}`.endsWith(`.${other}`);

function hostOf(address) {
  try {
    return new URL(address).hostname.replace(/^www\./, "");
  } catch {
    return "";
  }
}
