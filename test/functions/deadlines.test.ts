import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStorageAccount, type StorageAccount } from '../stack/storage-account.ts';
import { findCanary } from '../stack/canary.ts';
import type { ReceivedRequest } from '../stack/received-request.ts';
import type { Stack } from '../stack/stack.ts';
import { type Answer, type RenameProxy, startRenameProxy, textOfRows } from './rename-proxy.ts';

/** Identity, vault and storage: 5 s each, retries included. */
const DEPENDENCY_MS = 5000;
const UPSTREAM_MS = 2000;
/** For the work beside the waiting, on a busy machine. */
const SLACK_MS = 900;

let azurite: StorageAccount;
const proxies: RenameProxy[] = [];

beforeAll(async () => {
  azurite = await openStorageAccount();
});
afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  await azurite.stop();
});

async function start(beforeStart: (stack: Stack) => unknown): Promise<RenameProxy> {
  const settings = { UPSTREAM_TIMEOUT_SECONDS: String(UPSTREAM_MS / 1000) };
  const proxy = await startRenameProxy({ azurite, settings, beforeStart });
  proxies.push(proxy);
  return proxy;
}

interface Case {
  case: string;
  hang: (stack: Stack) => unknown;
  /** Hangs after a first successful rename: key and table are cached then. */
  warm?: true;
  status: number;
  message: RegExp;
  withinMs: number;
  record: string | null;
}

const batch = ({ path }: ReceivedRequest) => path.endsWith('$batch');
const CASES: Case[] = [
  {
    case: 'the identity endpoint hangs',
    hang: ({ identity }) => identity.faults.inject({ kind: 'hang' }),
    status: 503,
    message: /training key could not be fetched/,
    withinMs: DEPENDENCY_MS,
    record: 'not_applied',
  },
  {
    case: 'the identity endpoint stops half way',
    hang: ({ identity }) => identity.faults.inject({ kind: 'stall', acts: true }),
    status: 503,
    message: /training key could not be fetched/,
    withinMs: DEPENDENCY_MS,
    record: 'not_applied',
  },
  {
    case: 'the vault hangs',
    hang: ({ keyVault }) => keyVault.faults.inject({ kind: 'hang' }),
    status: 503,
    message: /training key could not be fetched/,
    withinMs: DEPENDENCY_MS,
    record: 'not_applied',
  },
  {
    case: 'the vault stops half way through the key',
    hang: ({ keyVault }) => keyVault.faults.inject({ kind: 'stall', acts: true }),
    status: 503,
    message: /training key could not be fetched/,
    withinMs: DEPENDENCY_MS,
    record: 'not_applied',
  },
  {
    case: 'the vault answers Retry-After: 3600',
    hang: ({ keyVault }) =>
      keyVault.faults.inject({ kind: 'status', status: 429, headers: { 'retry-after': '3600' } }),
    status: 503,
    message: /training key could not be fetched/,
    withinMs: DEPENDENCY_MS,
    record: 'not_applied',
  },
  {
    case: 'the table hangs',
    hang: ({ tables }) => tables.faults.inject({ kind: 'hang' }),
    status: 503,
    message: /audit record could not be written/,
    withinMs: DEPENDENCY_MS,
    record: null,
  },
  {
    case: 'the table answers Retry-After: 3600',
    hang: ({ tables }) =>
      tables.faults.inject({ kind: 'status', status: 503, headers: { 'retry-after': '3600' } }),
    warm: true,
    status: 503,
    message: /audit record could not be written/,
    withinMs: DEPENDENCY_MS,
    record: null,
  },
  {
    case: 'the table hangs after the upstream has acted',
    hang({ tables }) {
      let batches = 0;
      tables.faults.inject({ kind: 'hang', when: (request) => batch(request) && (batches += 1) > 1 });
    },
    warm: true,
    status: 200,
    message: /^$/,
    withinMs: DEPENDENCY_MS,
    record: 'pending',
  },
  {
    case: 'the upstream hangs',
    hang: ({ customVision }) => customVision.faults.inject({ kind: 'hang' }),
    status: 504,
    message: /no answer in time/,
    withinMs: UPSTREAM_MS,
    record: 'pending',
  },
  {
    case: 'the upstream stops half way',
    hang: ({ customVision }) => customVision.faults.inject({ kind: 'stall', acts: true }),
    status: 504,
    message: /no answer in time/,
    withinMs: UPSTREAM_MS,
    record: 'pending',
  },
  {
    case: 'the upstream hangs for the GET only',
    hang: ({ customVision }) => customVision.faults.inject({ kind: 'hang', when: 'GET' }),
    status: 200,
    message: /^$/,
    withinMs: 250,
    record: 'succeeded',
  },
];

// Each case has a stack of its own, so that all can wait at the same time.
describe.concurrent('a rename is answered in time', () => {
  it.each(CASES)(
    'when $case',
    // An app that is too slow stays so; a busy machine is slow for a moment.
    { timeout: 25_000, retry: 2 },
    async ({ hang, warm, status, message, withinMs, record }) => {
      const proxy = await start(warm === true ? () => {} : hang);
      const iteration = proxy.seed();
      if (warm === true) {
        await proxy.rename(proxy.seed(), {});
        hang(proxy.stack);
      }
      const startedMs = performance.now();
      const answer = await proxy.rename(iteration, {});
      const tookMs = performance.now() - startedMs;
      await proxy.clearFaults();

      expect(answer.json['message'] ?? '').toMatch(message);
      expect(answer.status).toBe(status);
      expect(tookMs).toBeLessThan(withinMs + SLACK_MS);
      const records = await proxy.records(iteration.projectId);
      expect(records.map((row) => row['status'])).toEqual(record === null ? [] : [record]);
      expect(locationOf(answer)).toBe(
        record === null
          ? null
          : `/projects/${iteration.projectId}/renames/${String(records[0]?.['renameId'])}`,
      );
      const everything = `${answer.raw}${proxy.app.output()}${textOfRows(records)}`;
      expect(findCanary(proxy.stack.trainingKey, everything)).toEqual([]);
    },
  );
});

function locationOf({ headers }: Answer): string | null {
  return headers.get('location');
}
