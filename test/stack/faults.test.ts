import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from './faults.ts';
import { startSimulatorServer, type Simulator } from './simulator-server.ts';

interface Effect {
  number: number;
}

let simulator: Simulator<Effect>;
let done: number;

beforeEach(async () => {
  done = 0;
  simulator = await startSimulatorServer<Effect>({
    act: () => ({
      status: 201,
      body: '{"done":true}',
      headers: { 'content-type': 'application/json' },
      effect: { number: (done += 1) },
    }),
  });
});
afterEach(() => simulator.stop());

function send({ method = 'GET', timeoutMs = 1000 } = {}): Promise<string> {
  return fetch(simulator.origin, { method, signal: AbortSignal.timeout(timeoutMs), redirect: 'manual' })
    .then(async (response) => `${response.status} ${await response.text()}`)
    .catch((error: unknown) =>
      error instanceof Error && error.name === 'TimeoutError' ? 'no answer' : 'broken',
    );
}

describe('a fault', () => {
  const cases: { case: string; fault: Fault; seen: string; effects: number }[] = [
    { case: 'hang before acting', fault: { kind: 'hang' }, seen: 'no answer', effects: 0 },
    { case: 'hang after acting', fault: { kind: 'hang', acts: true }, seen: 'no answer', effects: 1 },
    { case: 'reset', fault: { kind: 'reset' }, seen: 'broken', effects: 0 },
    { case: 'answer lost', fault: { kind: 'answer-lost' }, seen: 'broken', effects: 1 },
    { case: 'status', fault: { kind: 'status', status: 503, body: 'away' }, seen: '503 away', effects: 0 },
    {
      case: 'status after acting',
      fault: { kind: 'status', status: 503, acts: true },
      seen: '503 ',
      effects: 1,
    },
    {
      case: 'redirect',
      fault: { kind: 'redirect', location: 'http://127.0.0.1:9/' },
      seen: '307 ',
      effects: 0,
    },
    {
      case: 'malformed body',
      fault: { kind: 'body', body: '{"do', acts: true },
      seen: '201 {"do',
      effects: 1,
    },
    { case: 'stalled body', fault: { kind: 'stall', acts: true }, seen: 'no answer', effects: 1 },
    { case: 'delay', fault: { kind: 'delay', delayMs: 20 }, seen: '201 {"done":true}', effects: 1 },
    {
      case: 'delay beyond patience',
      fault: { kind: 'delay', delayMs: 2000, acts: true },
      seen: 'no answer',
      effects: 1,
    },
  ];

  it.each(cases)(
    'of the kind $case is seen as "$seen" with $effects effects',
    async ({ fault, seen, effects }) => {
      simulator.faults.inject(fault);
      expect(await send()).toBe(seen);
      expect(simulator.journal.filter(({ effect }) => effect !== null)).toHaveLength(effects);
    },
  );

  it('meets only the requests it is for, only so often', async () => {
    const injected = simulator.faults.inject({ kind: 'status', status: 500, when: 'PATCH', times: 1 });
    const answers = [await send(), await send({ method: 'PATCH' }), await send({ method: 'PATCH' })];
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual(['201', '500', '201']);
    expect(injected.hits()).toBe(1);
  });

  it('lasts until it is cleared', async () => {
    const injected = simulator.faults.inject({
      kind: 'status',
      status: 500,
      when: ({ path }) => path === '/',
    });
    expect([await send(), await send()]).toEqual(['500 ', '500 ']);
    injected.clear();
    expect(await send()).toMatch(/^201/);
  });

  it('can refuse connections, and accept them again on the same port', async () => {
    await send();
    await simulator.faults.refuse();
    expect(await send()).toBe('broken');
    await simulator.faults.accept();
    expect(await send()).toMatch(/^201/);
    expect(simulator.journal).toHaveLength(2);
  });
});

it('waits at each hook before it goes on, so that the world can be stopped there', async () => {
  const steps: string[] = [];
  const step = (name: string) => async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    steps.push(`${name} after ${done} effects, ${simulator.journal[0]?.status ?? 'nothing'} answered`);
  };
  const answered = new Promise<void>((resolve) => {
    Object.assign(simulator.hooks, {
      onReceived: step('received'),
      onEffect: step('effect'),
      onAnswered: () => step('answered')().then(resolve),
    });
  });
  await send();
  await answered;
  expect(steps).toEqual([
    'received after 0 effects, nothing answered',
    'effect after 1 effects, nothing answered',
    'answered after 1 effects, 201 answered',
  ]);
});

it('acts for a client that is gone before the effect, as a real service does', async () => {
  simulator.faults.inject({ kind: 'delay', delayMs: 60 });
  expect(await send({ timeoutMs: 20 })).toBe('no answer');
  await expect.poll(() => done).toBe(1);
});
