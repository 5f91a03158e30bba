/**
 * The values that a source may sign with; two during a rotation. Not enumerable, so that no log prints them.
 */
export interface WebhookSecret {
  readonly values: readonly string[];
}

const MAX_VALUES = 2;

/** One value per line. Null for an empty secret: anyone could sign with it. */
export function parseWebhookSecret(secretValue: string | undefined): WebhookSecret | null {
  const values = (secretValue ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(v1,)?whsec_$/.test(line));
  if (values.length === 0 || values.length > MAX_VALUES) return null;
  return Object.defineProperty({ values }, 'values', { enumerable: false });
}
