import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Mostly waiting: leases that expire, messages that come back. Vitest knows how long a file took only where it
 * ran before; elsewhere it would begin with the largest files, and wait for these at the end.
 */
const LONGEST = [
  'crash/broken-variants',
  'crash/crash',
  'functions/fault-matrix-table',
  'webhooks/outage',
  'webhooks/evaluator',
  'functions/official-sdk-repeats',
  'functions/fault-matrix-upstream',
  'functions/fair-share',
  'webhooks/receive-webhook',
  'expressions/expression',
  'functions/fault-matrix-undo',
  'functions/naughty-requests',
  'functions/portal-renames',
  'webhooks/accepted-deliveries',
  'infra/register-entra',
  'console/outcomes',
  'functions/vault-refusals',
  'functions/previous-name',
  'crash/undo-kills',
  'training/throttled-notifications',
  'clients/real-clients',
  'functions/late-truth',
  'stack/start',
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
