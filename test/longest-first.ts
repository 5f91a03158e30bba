import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * By turns what mostly waits, for leases that expire and messages that come back, and what fills a core. Vitest
 * knows how long a file took only where it ran before; elsewhere it would begin with the largest files, and wait
 * for these at the end.
 */
const LONGEST = [
  'crash/broken-variants',
  'functions/fault-matrix-table',
  'crash/crash',
  'webhooks/outage',
  'webhooks/evaluator',
  'functions/official-sdk-repeats',
  'functions/naughty-requests',
  'functions/fault-matrix-upstream',
  'expressions/expression',
  'functions/fair-share',
  'console/outcomes',
  'functions/fault-matrix-undo',
  'webhooks/receive-webhook',
  'functions/portal-renames',
  'crash/undo-kills',
  'infra/register-entra',
  'functions/parallel-instances',
  'webhooks/accepted-deliveries',
  'stack/start',
  'functions/vault-refusals',
  'functions/previous-name',
  'console/journey',
  'training/throttled-notifications',
  'functions/late-truth',
  'clients/real-clients',
  'functions/differing-instances',
  'webhooks/burst',
].map((name) => `/test/${name}.test.ts`);

/** Starts the longest test files first, so that at the end no core waits for one of them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is no array's
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const index = LONGEST.findIndex((name) => moduleId.endsWith(name));
  return index === -1 ? LONGEST.length : index;
}
