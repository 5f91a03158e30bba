/**
 * Whether the service's iteration has the requested name, also where the service wrote it in another form:
 * composed, with runs of white space as one space, without white space at its ends. Letters and their case
 * always count.
 */
export function isSameName(shown: string, requested: string): boolean {
  return shown === requested || canonical(shown) === canonical(requested);
}

function canonical(name: string): string {
  return name.normalize('NFC').replaceAll(/\s+/gu, ' ').trim();
}
