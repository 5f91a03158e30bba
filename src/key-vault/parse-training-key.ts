import type { TrainingKey } from '../custom-vision/exchange-with-key.ts';

/** What a header can carry. For anything else, undici throws an error that quotes the value. */
const TRAINING_KEY = /^[\x21-\x7E]{16,512}$/;

/**
 * Makes a key of a secret's value, without the white space that pasting leaves at its ends. The key's `value`
 * is not enumerable: printing or serialising the object does not show it. Null where the value cannot be a
 * key: an error that says why could quote it.
 */
export function parseTrainingKey(secretValue: string | undefined): TrainingKey | null {
  const value = secretValue?.trim() ?? '';
  if (!TRAINING_KEY.test(value)) return null;
  const forms = [unescaped(value), ...base64Forms(value)];
  const hex = Buffer.from(value).toString('hex');
  const appearsIn = (text: string): boolean => {
    if (text.includes(value)) return true;
    const plain = unescaped(text);
    return forms.some((form) => plain.includes(form)) || plain.toLowerCase().includes(hex);
  };
  return Object.defineProperty({ value, appearsIn }, 'value', { enumerable: false });
}

/** Escapes within escapes: JSON in a JSON string in a URL. */
const MAX_LAYERS = 4;
const ESCAPES =
  /\\u([0-9a-f]{4})|%([0-9a-f]{2})|&#x([0-9a-f]{1,4});|&#([0-9]{1,4});|&(amp|lt|gt|quot|apos);/gi;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Undoes the escapes of JSON, URLs and XML, and removes all backslashes. */
function unescaped(text: string): string {
  let plain = text;
  for (let layer = 0; layer < MAX_LAYERS; layer += 1) {
    const before = plain;
    plain = before.replace(ESCAPES, (_, json, url, hex, decimal, entity) => {
      if (typeof entity === 'string') return ENTITIES[entity.toLowerCase()] ?? '';
      return String.fromCharCode(
        typeof decimal === 'string' ? Number(decimal) : Number.parseInt(json ?? url ?? hex, 16),
      );
    });
    if (plain === before) break;
  }
  return plain.replaceAll('\\', '');
}

/**
 * Base64 of a longer text holds the key at one of three offsets. The characters at its ends depend on its
 * neighbours.
 */
function base64Forms(value: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.from(`${' '.repeat(offset)}${value}`);
    const [from, until] = [Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6)];
    return (['base64', 'base64url'] as const).map((encoding) => bytes.toString(encoding).slice(from, until));
  });
}
