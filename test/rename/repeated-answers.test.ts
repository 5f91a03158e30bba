import { describe, expect, it } from 'vitest';
import type { RenameCommand } from '../../src/rename/rename-command.ts';
import type { UpstreamAnswer } from '../../src/rename/upstream.ts';
import { createWorld, errorOf, reads, renamed, said } from './world.ts';

const key = { idempotencyKey: 'k' };
const answers: Record<'withheld' | 'refusalWithheld' | 'none' | 'faulty', UpstreamAnswer> = {
  withheld: { ...said, kind: 'renamed', status: 200, appliedName: 'v1', iteration: null },
  refusalWithheld: { ...said, kind: 'refusal_withheld', status: 400 },
  none: { ...said, kind: 'no_answer' },
  faulty: { ...said, kind: 'faulty', status: 503, fault: 'server_error' },
};

describe.each<{ case: string; more: Partial<RenameCommand> }>([
  { case: 'with a key', more: key },
  { case: 'without any key', more: {} },
])('the same request again, $case,', ({ more }) => {
  it.each(['withheld', 'refusalWithheld'] as const)('gets an answer again that was %s', async (which) => {
    const world = createWorld();
    world.script.rename = async () => answers[which];
    const first = await errorOf(world.rename('v1', more));
    expect(first).toMatchObject({ code: 'answer_withheld', replayed: false });
    for (let times = 0; times < 2; times += 1) {
      expect(await errorOf(world.rename('v1', more))).toMatchObject({
        code: 'answer_withheld',
        renameId: first.renameId,
        replayed: true,
      });
    }
    expect(world.sent).toEqual(['v1']);
  });

  it('is told each time that its outcome is unresolved', async () => {
    const world = createWorld();
    world.script.rename = async () => answers.none;
    const first = await errorOf(world.rename('v1', more));
    world.script.read = async () =>
      reads('C', { lastModified: new Date(world.now()).toISOString(), answeredAtMs: world.now() });
    world.advance(world.timings.leaseMs);
    for (let times = 0; times < 2; times += 1) {
      expect(await errorOf(world.rename('v1', more))).toMatchObject({
        code: 'unresolved',
        renameId: first.renameId,
        replayed: true,
      });
    }
    expect(world.sent).toEqual(['v1']);
  });

  it.each([
    { which: 'none', code: 'outcome_unknown' },
    { which: 'faulty', code: 'upstream_faulty' },
  ] as const)('gets $code again while its iteration cannot be read', async ({ which, code }) => {
    const world = createWorld();
    world.script.rename = async () => answers[which];
    await errorOf(world.rename('v1', more));
    world.script.read = async () => ({ kind: 'unavailable' });
    world.advance(world.timings.leaseMs);
    expect(await errorOf(world.rename('v1', more))).toMatchObject({ code, replayed: true });
  });

  it('gets the outcome where the record ended between two readings of it', async () => {
    let isBetween = true;
    const world = createWorld({
      log: (log) => ({
        async begin(...args) {
          const begun = await log.begin(...args);
          if (begun.kind !== 'claimed' || !isBetween) return begun;
          isBetween = false;
          return { ...begun, claim: { ...begun.claim, lease: null } };
        },
      }),
    });
    world.script.rename = async () => answers.none;
    await errorOf(world.rename('v1', more));
    world.script.read = async () => reads('v1');
    world.advance(world.timings.leaseMs);
    expect(await world.rename('v1', more)).toMatchObject({ replayed: true, iteration: { name: 'v1' } });
  });
});

it('gets the iteration again that a look showed in place of an answer', async () => {
  const world = createWorld();
  world.script.rename = async () => answers.faulty;
  const readings = [reads('old'), reads('v1')];
  world.script.read = async () => readings.shift() ?? reads('read too often');
  const first = await world.rename('v1', key);
  expect(await world.rename('v1', key)).toEqual({ ...first, replayed: true });
  expect(world.sent).toEqual(['v1']);
});

it('is under way as far as anyone knows where what its attempt learnt could not be kept', async () => {
  const world = createWorld({ log: () => ({ note: () => Promise.reject(new Error('the table is down')) }) });
  world.script.rename = async () => answers.none;
  expect(await errorOf(world.rename('v1', key))).toMatchObject({ code: 'outcome_unknown' });
  expect(await errorOf(world.rename('v1', key))).toMatchObject({
    code: 'idempotency_key_in_flight',
    retryAfterMs: 1000,
    replayed: false,
  });
  world.script.read = async () => ({ kind: 'unavailable' });
  world.advance(world.timings.leaseMs);
  expect(await errorOf(world.rename('v1', key))).toMatchObject({ code: 'outcome_unknown', replayed: true });
});

it('another rename that meets one under way may come again in a second', async () => {
  const world = createWorld();
  const { promise, resolve } = Promise.withResolvers<UpstreamAnswer>();
  world.script.rename = () => promise;
  const first = world.rename('v1');
  await expect.poll(() => world.sent).toEqual(['v1']);
  expect(await errorOf(world.rename('v2'))).toMatchObject({ code: 'iteration_busy', retryAfterMs: 1000 });
  resolve(renamed('v1'));
  await first;
});

it('another rename that meets one that cannot be settled may come again after one upstream timeout', async () => {
  const world = createWorld();
  world.script.rename = async () => answers.none;
  await errorOf(world.rename('v1'));
  world.script.read = async () => ({ kind: 'unavailable' });
  world.advance(world.timings.leaseMs);
  expect(await errorOf(world.rename('v2'))).toMatchObject({
    code: 'iteration_busy',
    retryAfterMs: world.timings.upstreamTimeoutMs,
  });
});

it('is answered although its key cannot be ended: that expires by itself', async () => {
  const world = createWorld({
    log: () => ({ forgetClaim: () => Promise.reject(new Error('the table is down')) }),
  });
  world.script.rename = async () => answers.none;
  await errorOf(world.rename('v1'));
  world.script.read = async () => reads('v1');
  world.advance(world.timings.leaseMs);
  expect(await world.rename('v1')).toMatchObject({ replayed: true });
});

it('ends an implied key with a refusal that is answered again', async () => {
  const forgotten: string[] = [];
  const world = createWorld({
    log: (log) => ({
      // As where the first answer was lost, and the key with it is still there.
      begin: (intent, claim, ...rest) => log.begin(intent, { ...claim, key: 'kept' }, ...rest),
      forgetClaim: async ({ record }) => void forgotten.push(record.renameId),
    }),
  });
  const refusal = { status: 400, code: 'BadRequest', message: 'taken' };
  world.script.rename = async () => ({ ...said, kind: 'refused', refusal });
  const first = await errorOf(world.rename('v1'));
  expect(first).toMatchObject({ code: 'upstream_refused', replayed: false });
  expect(await errorOf(world.rename('v1'))).toMatchObject({ code: 'upstream_refused', replayed: true });
  expect(forgotten).toEqual([first.renameId]);
});
