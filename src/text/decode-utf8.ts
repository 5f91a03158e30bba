const WITHOUT_BOM = new TextDecoder('utf-8', { fatal: true });
const WITH_BOM = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes UTF-8; null where it is invalid. Drops a byte order mark, unless `keepBom` is set. */
export function decodeUtf8(bytes: Uint8Array | ArrayBuffer, { keepBom = false } = {}): string | null {
  try {
    return (keepBom ? WITH_BOM : WITHOUT_BOM).decode(bytes);
  } catch {
    return null;
  }
}
