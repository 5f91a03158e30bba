export const unicodeEscaped = (text: string) =>
  Array.from(text, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const jsonEscaped = (text: string) => JSON.stringify(text).slice(1, -1);
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Encodings of the key in a body: each maps the key to the inside of a JSON string. */
const BY_NAME: Record<string, (secret: string) => string> = {
  'as it is': (secret) => jsonEscaped(secret),
  'with escapes that JSON does not need': unicodeEscaped,
  'with escaped slashes': (secret) => jsonEscaped(secret).replaceAll('/', '\\/'),
  'in a URL': encodeURIComponent,
  'in a URL, in lower case': (secret) =>
    encodeURIComponent(secret).replaceAll(/%../g, (byte) => byte.toLowerCase()),
  'in a form': (secret) => new URLSearchParams({ key: secret }).toString(),
  'in JSON in JSON': (secret) => jsonEscaped(JSON.stringify({ key: secret })),
  'in JSON in JSON in JSON': (secret) => jsonEscaped(JSON.stringify(JSON.stringify({ key: secret }))),
  'in XML': (secret) =>
    jsonEscaped(secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')),
  'in base64': base64,
  'in base64 with more before it': (secret) => base64(`Training-Key: ${secret}\r\n`),
  'in base64 with even more before it': (secret) => base64(`"Training-Key": ${secret}`),
  'in base64url': (secret) => Buffer.from(`{"key":"${secret}"}`).toString('base64url'),
  'in hex': (secret) => Buffer.from(secret).toString('hex'),
  'in hex, in upper case': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
};

/** Encodings of a key in a body, for a table of tests. */
export const WRITINGS = Object.entries(BY_NAME).map(([writing, write]) => ({ writing, write }));
