/** What a header may carry; anything else would be echoed by the exception that refuses it. */
const TRAINING_KEY = /^[\x21-\x7E]{16,512}$/;

/** A training key on its way from the vault to the upstream. Its value is not enumerable: printing or serialising the object shows nothing. */
export interface TrainingKey {
  readonly value: string;
  /** Whether `text` shows the key, as it is or encoded. */
  appearsIn(text: string): boolean;
}

/** Makes a key of a secret's value, without the white space that pasting leaves at its ends. Null where it cannot be a key; no error could say why without saying too much. */
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

/** Escapes within escapes, as where JSON stands in a JSON string that stands in a URL. */
const MAX_LAYERS = 4;
const ESCAPES =
  /\\u([0-9a-f]{4})|%([0-9a-f]{2})|&#x([0-9a-f]{1,4});|&#([0-9]{1,4});|&(amp|lt|gt|quot|apos);/gi;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Takes the escapes of JSON, URLs and XML away, whichever a writer chose to use, and all backslashes. */
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

/** Base64 of something longer holds the key at one of three offsets; the characters at its ends depend on its neighbours. */
function base64Forms(value: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.from(`${' '.repeat(offset)}${value}`);
    const [from, until] = [Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6)];
    return (['base64', 'base64url'] as const).map((encoding) => bytes.toString(encoding).slice(from, until));
  });
}
