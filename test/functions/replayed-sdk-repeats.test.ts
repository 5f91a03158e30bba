import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  ACTING_FAULTS,
  BLINDING_FAULTS,
  breakUpstream,
  ONE_EFFECT,
  outcomeOf,
  settledAfterMs,
  startRepeatsProxy,
} from './acting-faults.ts';
import { shownOf, waitAsAsked } from './iteration-faults.ts';
import type { Answer, RenameProxy, SeededIteration } from './rename-proxy.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** So that the look at the iteration is in time on a busy machine, too: all requests come at once. */
const UPSTREAM_TIMEOUT_MS = 3000;

let proxy: RenameProxy;
beforeAll(async () => {
  proxy = await startRepeatsProxy(UPSTREAM_TIMEOUT_MS);
});
afterAll(() => proxy.stop());

/** The documented retry policies of the other SDKs, replayed over `fetch`. */
const POLICIES = {
  /** Microsoft.Rest.ClientRuntime, RetryDelegatingHandler: a 5xx or 408 is repeated at once, three times. */
  '.NET': {
    repeats: 3,
    isRepeated: (status: number) => status >= 500 || status === 408,
    wait: async () => {},
  },
  /** msrest, pipeline/universal.py and urllib3's Retry: three times, after `Retry-After`. */
  Python: {
    repeats: 3,
    isRepeated: (status: number) => [408, 429, 500, 502, 503, 504].includes(status),
    wait: (answer: Answer) => (answer.headers.has('retry-after') ? waitAsAsked(answer) : sleep(800)),
  },
};

async function renameBy(
  { repeats, isRepeated, wait }: (typeof POLICIES)['.NET' | 'Python'],
  iteration: SeededIteration,
): Promise<Answer[]> {
  const answers = [await proxy.rename(iteration, { name: 'A' })];
  for (let repeated = 0; repeated < repeats; repeated += 1) {
    const last = answers.at(-1);
    if (last === undefined || !isRepeated(last.status)) break;
    await wait(last);
    answers.push(await proxy.rename(iteration, { name: 'A' }));
  }
  return answers;
}

const SEEN = ACTING_FAULTS.filter(({ isSeen }) => isSeen);
const OPEN = [...ACTING_FAULTS.filter(({ isSeen }) => !isSeen), ...BLINDING_FAULTS.slice(0, 4)];

describe.concurrent("the .NET SDK's repeats, at once and three times,", () => {
  it.each(SEEN)(
    'are not needed where the upstream acts and $case: the user learns it at once',
    async (row) => {
      const iteration = proxy.seed();
      breakUpstream(proxy, iteration, row);
      const answers = await renameBy(POLICIES['.NET'], iteration);
      expect(answers.map(({ status }) => status)).toEqual([200]);
      expect(await outcomeOf(proxy, iteration)).toEqual(ONE_EFFECT);
    },
  );

  it.each(OPEN)(
    'rename once where the upstream acts and $case: the user learns the address of the record',
    async (row) => {
      const iteration = proxy.seed();
      const broken = breakUpstream(proxy, iteration, row);
      const answers = await renameBy(POLICIES['.NET'], iteration);
      broken.clear();
      const [record] = await proxy.records(iteration.projectId);
      const renameId = String(record?.['renameId']);
      const location = `/projects/${iteration.projectId}/renames/${renameId}`;
      const answer = { status: row.fault.kind === 'status' ? 502 : 504, renameId, location };
      expect(answers.map(shownOf)).toEqual([answer, answer, answer, answer]);
      await sleep(settledAfterMs(UPSTREAM_TIMEOUT_MS));
      const done = await proxy.rename(iteration, { name: 'A' });
      expect(shownOf(done)).toEqual({ status: 200, renameId, location });
      expect(await outcomeOf(proxy, iteration)).toEqual(ONE_EFFECT);
    },
  );
});

describe.concurrent("the Python SDK's repeats, as `Retry-After` asks,", () => {
  it.each([...SEEN, ...OPEN])(
    'rename once where the upstream acts and $case: the user learns the truth',
    async (row) => {
      const iteration = proxy.seed();
      const broken = breakUpstream(proxy, iteration, row);
      setTimeout(broken.clear, 2000); // the upstream recovers in between
      const answers = await renameBy(POLICIES.Python, iteration);
      expect(answers.map(({ status }) => status).at(-1)).toBe(200);
      expect(answers.length).toBe(row.isSeen ? 1 : 2); // the first pause is long enough
      expect(await outcomeOf(proxy, iteration)).toEqual(ONE_EFFECT);
    },
  );
});
