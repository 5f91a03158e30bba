/** The text of the first element with that name, in any case; null where there is none. */
export function xmlElement(body: string, name: string): string | null {
  const elements = [...new DOMParser().parseFromString(body, 'text/xml').getElementsByTagName('*')];
  const found = elements.find(({ localName }) => localName.toLowerCase() === name.toLowerCase());
  return found?.textContent ?? null;
}
