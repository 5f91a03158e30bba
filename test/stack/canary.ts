/**
 * Where a secret shows in a text, by the name of each way it is written there: as it is, in a URL, in a form,
 * in JSON, in XML, in base64 (alone or inside something longer), in hex. An empty list means that it does not
 * show.
 */
export function findCanary(secret: string, text: string): string[] {
  return Object.entries(writings(secret))
    .filter(([, forms]) => forms.some((form) => text.includes(form)))
    .map(([name]) => name);
}

function writings(secret: string): Record<string, string[]> {
  const url = encodeURIComponent(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  return {
    raw: [secret],
    url: [url, url.toLowerCase(), encodeURI(secret), new URLSearchParams({ '': secret }).toString().slice(1)],
    json: [json, JSON.stringify(json).slice(1, -1), json.replaceAll('/', '\\/')],
    xml: [escapeXml(secret), escapeXml(secret).replaceAll('"', '&quot;').replaceAll("'", '&apos;')],
    base64: [...base64Inside(secret, 'base64'), ...base64Inside(secret, 'base64url')],
    hex: [Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('hex').toUpperCase()],
  };
}

/**
 * Base64 of something longer has the secret at one of three offsets; the characters at its ends depend on its
 * neighbours.
 */
function base64Inside(secret: string, encoding: 'base64' | 'base64url'): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(`${'\0'.repeat(offset)}${secret}`)
      .toString(encoding)
      .replaceAll('=', '');
    return encoded.slice(offset === 0 ? 0 : 4, -4);
  });
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
