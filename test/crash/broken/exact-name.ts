/** Broken: takes another form of the name for another name. */
export function isSameName(shown: string, requested: string): boolean {
  return shown === requested;
}
