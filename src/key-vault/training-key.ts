/** Every form in which a careless answer, header or log line might show the key. */
const ENCODINGS: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => encodeURIComponent(value),
  (value) => new URLSearchParams([['', value]]).toString().slice(1),
  (value) => JSON.stringify(value).slice(1, -1),
  (value) =>
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  (value) => Buffer.from(value).toString('base64'),
  (value) => Buffer.from(value).toString('base64url'),
  (value) => Buffer.from(value).toString('hex'),
];

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
  const forms = [...new Set(ENCODINGS.map((encode) => encode(value)))];
  return Object.defineProperty(
    { value, appearsIn: (text: string) => forms.some((form) => text.includes(form)) },
    'value',
    {
      enumerable: false,
    },
  );
}
