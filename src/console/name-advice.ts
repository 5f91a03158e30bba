import { composedName, ITERATION_NAME_MAX_LENGTH, iterationNameFaults } from '../rename/iteration-name.ts';

export interface NameAdvice {
  /** Why the proxy would refuse the name, as sentences. */
  readonly faults: readonly string[];
  /** What a person may not have meant, though the name may be sent. */
  readonly hints: readonly string[];
  /** "12 of 256 characters" */
  readonly length: string;
}

/** Judges by the proxy's own rules, so that a person need not ask it; the proxy judges again. */
export function adviseOnName({
  name,
  currentName,
  otherNames,
}: {
  readonly name: string;
  readonly currentName: string | null;
  readonly otherNames: readonly string[];
}): NameAdvice {
  const taken = composedName(name);
  const hints: string[] = [];
  if (taken === currentName) hints.push('The iteration has this name already.');
  else if (otherNames.includes(taken)) {
    hints.push('Another iteration of this project has this name: Custom Vision will refuse it.');
  }
  return {
    faults: name === '' ? [] : iterationNameFaults(taken).map((fault) => `The name ${fault}.`),
    hints,
    length: `${Array.from(taken).length} of ${ITERATION_NAME_MAX_LENGTH} characters`,
  };
}
