import type { Scenario } from './compiled.ts';

/** From a resource down to a value; of a list, the name of an element or its index. */
export type Path = readonly (string | number)[];

/** One hardening line: what each resource of a type, or the ones with a certain name, must have. */
export interface HardeningRule {
  readonly of: string;
  readonly named?: RegExp;
  readonly at: Path;
  readonly is: string | number | boolean | RegExp;
  /** Where it holds only in some scenarios. */
  readonly where?: (scenario: Scenario) => boolean;
}

type Line = readonly [at: Path, is: HardeningRule['is'], where?: HardeningRule['where']];

/** Rules for all resources of a type, or those with certain names. */
export function rulesOf(type: string, lines: readonly Line[], named?: RegExp): HardeningRule[] {
  return lines.map(([at, is, where]) => ({
    of: type,
    at,
    is,
    ...(where === undefined ? {} : { where }),
    ...(named === undefined ? {} : { named }),
  }));
}
