import type { Replacement } from './build-variants.ts';
import type { Scenario } from './scenarios.ts';
import type { Invariant } from './violation.ts';

/**
 * One way to break the product, the smallest scenario that shows it, and the invariant that must catch it.
 */
export interface BrokenVariant {
  readonly name: string;
  readonly replacement: Replacement;
  readonly scenario: Scenario;
  readonly caughtBy: Invariant;
}
