/** The value of JSON text; undefined, which JSON cannot express, where the text is not JSON. */
export function tryParseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
