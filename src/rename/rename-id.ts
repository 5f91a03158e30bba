/** The last moment that 13 digits can count down from. */
export const LATEST_EPOCH_MS = 9_999_999_999_999;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const RANDOM_LENGTH = 10;

const RENAME_ID = new RegExp(`^[0-9]{13}-[${BASE32}]{${RANDOM_LENGTH}}$`);

/** 13 digits that fall as time goes on, so that a table lists the newest first, then 50 random bits. */
export function createRenameId(nowMs: number, randomBytes: Uint8Array): string {
  return `${String(LATEST_EPOCH_MS - nowMs).padStart(13, '0')}-${base32Word(randomBytes)}`;
}

/** Ten base32 characters, one for each of the first ten bytes. */
function base32Word(randomBytes: Uint8Array): string {
  let word = '';
  for (let index = 0; index < RANDOM_LENGTH; index += 1)
    word += BASE32.charAt((randomBytes[index] ?? 0) % 32);
  return word;
}

export function isRenameId(value: string): boolean {
  return RENAME_ID.test(value);
}
