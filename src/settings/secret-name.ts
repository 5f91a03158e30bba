/** Keys of Azure AI services have 32 or 84 characters without a hyphen; webhook secrets are as long. */
const KEY_SHAPE = /(?=[^-]*\d)[^-]{32,}/;

/**
 * The fault of a secret's name; null where it has none. Nothing is repeated of a value that may be the key
 * itself: faults are logged.
 */
export function secretNameFault(name: string): string | null {
  return KEY_SHAPE.test(name)
    ? 'must be the name of a secret in the vault, and has the shape of a key: put the key into the vault, name its secret here, and replace the key, since settings are not secret'
    : null;
}
