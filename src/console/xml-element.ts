/** The text of the first element with that name; null where there is none. */
export function xmlElement(body: string, name: string): string | null {
  const parsed = new DOMParser().parseFromString(body, 'text/xml');
  return parsed.querySelector(name)?.textContent ?? null;
}
