/** The values that a source may sign with: two while the secret is rotated. Not enumerable: printing the object shows none. */
export interface WebhookSecret {
  readonly values: readonly string[];
}

const MAX_VALUES = 2;

/** One value per line; null where there is none, since an empty secret would verify what anyone can sign. */
export function parseWebhookSecret(secretValue: string | undefined): WebhookSecret | null {
  const values = (secretValue ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== 'whsec_');
  if (values.length === 0 || values.length > MAX_VALUES) return null;
  return Object.defineProperty({ values }, 'values', { enumerable: false });
}
