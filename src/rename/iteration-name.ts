/** In Unicode code points. */
export const ITERATION_NAME_MAX_LENGTH = 256;

const CONTROL = /\p{Cc}/u;
/** Embeddings, overrides and isolates (UAX #9): they let a name read as another one in a log or a list. */
const BIDI_CONTROL = /[\u202A-\u202E\u2066-\u2069]/u;
const WHITE_SPACE_AT_AN_END = /^\s|\s$/u;

/**
 * The form in which every name is taken: macOS writes decomposed accents into tags and file names, and no
 * sender can mend that.
 */
export function composedName(name: string): string {
  return name.normalize('NFC');
}

/**
 * Every reason why `name` cannot be an iteration's name, as sentences for the person who chose it; empty
 * where it can.
 */
export function iterationNameFaults(name: string): string[] {
  if (name === '') return ['must not be empty'];
  const faults: string[] = [];
  // The first test is cheap and spares a huge string from being spread.
  if (name.length > 2 * ITERATION_NAME_MAX_LENGTH || Array.from(name).length > ITERATION_NAME_MAX_LENGTH) {
    faults.push(`must have at most ${ITERATION_NAME_MAX_LENGTH} characters`);
  }
  if (!name.isWellFormed()) faults.push('must be well-formed Unicode: it has an unpaired surrogate');
  if (CONTROL.test(name)) faults.push('must not have control characters');
  if (BIDI_CONTROL.test(name)) faults.push('must not have bidirectional control characters');
  if (WHITE_SPACE_AT_AN_END.test(name)) faults.push('must not begin or end with white space');
  return faults;
}
