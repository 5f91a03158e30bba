import { describe, expect, it } from 'vitest';
import type { UpstreamAnswer } from '../../src/rename/upstream.ts';
import { START_MS } from './virtual-time.ts';
import { createWorld, errorOf, reads, renamed, said } from './world.ts';

const refusal = { status: 400, code: 'BadRequestIterationNameNotUnique', message: 'taken' };
const OTHER_CALLER = { kind: 'entra-user', id: 'entra:other', name: null } as const;

describe('a rename', () => {
  it('is on record before it is sent, and completed before it is answered', async () => {
    const world = createWorld();
    const { iteration, renameId } = await world.rename('v1');
    expect(world.steps).toEqual(['begin', 'patch', 'complete']);
    expect(iteration.name).toBe('v1');
    expect(world.record(renameId)).toMatchObject({
      status: 'succeeded',
      requestedName: 'v1',
      previousName: 'Iteration 1',
      evidence: 'response',
      attempts: 1,
      appliedName: null,
      upstreamStatus: 200,
    });
    expect(world.locks.size).toBe(0);
  });

  it('is not sent when it cannot be put on record', async () => {
    const world = createWorld({
      log: () => ({ begin: () => Promise.reject(new Error('the table is down')) }),
    });
    expect(await errorOf(world.rename('v1'))).toMatchObject({ code: 'audit_unavailable', renameId: null });
    expect(world.sent).toEqual([]);
  });

  it('is answered as renamed when only its record could not be completed, and the record stays pending', async () => {
    const world = createWorld({
      log: () => ({ complete: () => Promise.reject(new TypeError('it may quote a secret')) }),
    });
    const { renameId } = await world.rename('v1');
    await new Promise(setImmediate);
    expect(world.now() - START_MS).toBe(world.timings.leaseMs); // it has been tried until then
    expect(world.record(renameId).status).toBe('pending');
    expect(world.events.map(({ event }) => event)).toEqual(['completion_failed', 'rename_completed']);
    expect(world.events[0]).toEqual({ event: 'completion_failed', renameId, reason: 'TypeError' });
  });

  it('is completed after its answer as soon as the table allows, and then its request is a new one', async () => {
    let failures = 3;
    const world = createWorld({
      log: (log) => ({
        complete: async (...args) => {
          if ((failures -= 1) >= 0) throw new Error('the table is down');
          return log.complete(...args);
        },
      }),
    });
    const { renameId } = await world.rename('v1');
    await new Promise(setImmediate);
    expect(world.record(renameId)).toMatchObject({ status: 'succeeded', evidence: 'response' });
    expect(world.events.at(-1)).toEqual({
      event: 'rename_settled',
      renameId,
      status: 'succeeded',
      ageMs: 3000,
      record: world.record(renameId),
    });
    await world.rename('v2', { caller: OTHER_CALLER });
    await world.rename('v1');
    expect(world.sent).toEqual(['v1', 'v2', 'v1']);
  });

  it('is not sent once preparing it has taken too long', async () => {
    const world = createWorld({
      log: (log) => ({
        begin: async (...args) => {
          world.advance(world.timings.upstreamTimeoutMs + 1);
          return log.begin(...args);
        },
      }),
    });
    expect(await errorOf(world.rename('v1'))).toMatchObject({ code: 'too_late_to_send' });
    expect(world.sent).toEqual([]);
    expect(world.records()[0]?.status).toBe('not_applied');
  });

  it('is not begun while the instance stops', async () => {
    const world = createWorld();
    world.rateLimit.stop();
    expect(await errorOf(world.rename('v1'))).toMatchObject({ code: 'shutting_down' });
    expect(world.steps).toEqual([]);
  });

  it.each<{ case: string; answer: UpstreamAnswer; code: string; status: string; replayable?: false }>([
    {
      case: 'a refusal',
      answer: { ...said, kind: 'refused', refusal },
      code: 'upstream_refused',
      status: 'rejected',
    },
    {
      case: 'a refused key',
      answer: { ...said, kind: 'access_refused', refusal: { ...refusal, status: 401 } },
      code: 'access_refused',
      status: 'not_applied',
    },
    {
      case: 'a refusal that shows the key',
      answer: { ...said, kind: 'refusal_withheld', status: 403 },
      code: 'answer_withheld',
      status: 'rejected',
    },
    {
      case: 'a throttled call',
      answer: { ...said, kind: 'throttled', refusal: { ...refusal, status: 429 }, retryAfterMs: 1000 },
      code: 'upstream_throttled',
      status: 'not_applied',
    },
    {
      case: 'no key',
      answer: { ...said, kind: 'not_sent', reason: 'training_key_unavailable' },
      code: 'training_key_unavailable',
      status: 'not_applied',
    },
    {
      case: 'no connection',
      answer: { ...said, kind: 'not_sent', reason: 'unreachable' },
      code: 'upstream_unreachable',
      status: 'not_applied',
    },
    {
      case: 'a server error',
      answer: { ...said, kind: 'faulty', status: 500, fault: 'server_error' },
      code: 'upstream_faulty',
      status: 'pending',
    },
    {
      case: 'a redirect',
      answer: { ...said, kind: 'faulty', status: 307, fault: 'redirect' },
      code: 'upstream_faulty',
      status: 'pending',
    },
    {
      case: 'a body that is no iteration',
      answer: { ...said, kind: 'faulty', status: 200, fault: 'not_an_iteration' },
      code: 'upstream_faulty',
      status: 'pending',
    },
    { case: 'no answer', answer: { ...said, kind: 'no_answer' }, code: 'outcome_unknown', status: 'pending' },
    {
      case: 'an answer that shows the key',
      answer: { ...said, kind: 'renamed', status: 200, appliedName: 'v1', iteration: null },
      code: 'answer_withheld',
      status: 'succeeded',
    },
  ])('that meets $case fails as $code and is on record as $status', async ({ answer, code, status }) => {
    const world = createWorld();
    world.script.rename = async () => answer;
    const error = await errorOf(world.rename('v1'));
    expect(error.code).toBe(code);
    expect(world.record(error.renameId ?? '').status).toBe(status);
    expect(world.locks.size).toBe(status === 'pending' ? 1 : 0);
  });

  it('slows this instance down for as long as the upstream asks', async () => {
    const world = createWorld();
    world.script.rename = async () => ({
      ...said,
      kind: 'throttled',
      refusal: { ...refusal, status: 429 },
      retryAfterMs: 5000,
    });
    await errorOf(world.rename('v1'));
    expect(world.events).toContainEqual({
      event: 'upstream_throttled',
      resource: 'default',
      retryAfterMs: 5000,
    });
    expect(await errorOf(world.rename('v1'))).toMatchObject({ code: 'throttled', retryAfterMs: 5000 });
    world.advance(5000);
    world.script.rename = async (name) => renamed(name);
    await world.rename('v1');
  });
});

describe('the previous name', () => {
  it('is what the newest succeeded record says where the reading may have come after the rename', async () => {
    const world = createWorld();
    await world.rename('v1');
    world.script.read = async () => reads('v2');
    const { renameId } = await world.rename('v2');
    expect(world.record(renameId).previousName).toBe('v1');
  });

  it('is not the new name in another form', async () => {
    const world = createWorld();
    world.script.read = async () => reads('two words');
    world.script.rename = async () => renamed('two words');
    const { renameId } = await world.rename('two  words');
    expect(world.record(renameId)).toMatchObject({ appliedName: 'two words', previousName: null });
  });

  it('is unknown where the reading proves nothing and no rename came before', async () => {
    const world = createWorld();
    world.script.read = async () => reads('v1');
    const { renameId } = await world.rename('v1');
    expect(world.record(renameId).previousName).toBeNull();
  });

  it('never delays the rename', async () => {
    const world = createWorld();
    world.script.read = () => new Promise(() => {});
    const { renameId } = await world.rename('v1');
    expect(world.record(renameId)).toMatchObject({ status: 'succeeded', previousName: null });
  });
});

describe('an idempotency key', () => {
  const key = { idempotencyKey: 'k' };

  it('renames once, and gives the first answer again', async () => {
    const world = createWorld();
    const first = await world.rename('v1', key);
    const second = await world.rename('v1', key);
    expect(second).toEqual({ ...first, replayed: true });
    expect(world.sent).toEqual(['v1']);
    expect(world.records()).toHaveLength(1);
  });

  it('gives a refusal again', async () => {
    const world = createWorld();
    world.script.rename = async () => ({ ...said, kind: 'refused', refusal });
    const first = await errorOf(world.rename('v1', key));
    const second = await errorOf(world.rename('v1', key));
    expect(second).toMatchObject({ code: first.code, refusal, renameId: first.renameId, replayed: true });
    expect(world.sent).toEqual(['v1']);
  });

  it('refuses another rename under it', async () => {
    const world = createWorld();
    await world.rename('v1', key);
    expect(await errorOf(world.rename('v2', key))).toMatchObject({ code: 'idempotency_key_reused' });
    expect(world.sent).toEqual(['v1']);
  });

  it('belongs to its caller', async () => {
    const world = createWorld();
    await world.rename('v1', key);
    const other = { kind: 'entra-user', id: 'entra:other', name: null } as const;
    const { replayed } = await world.rename('v1', { ...key, caller: other });
    expect(replayed).toBe(false);
  });

  it('says that the first request is still under way', async () => {
    const world = createWorld();
    const first = Promise.withResolvers<UpstreamAnswer>();
    world.script.rename = () => first.promise;
    const waiting = world.rename('v1', key);
    await expect.poll(() => world.sent).toHaveLength(1);
    const [record] = world.records();
    expect(await errorOf(world.rename('v1', key))).toMatchObject({
      code: 'idempotency_key_in_flight',
      renameId: record?.renameId,
      retryAfterMs: 1000,
    });
    first.resolve(renamed('v1'));
    expect(await waiting).toMatchObject({ replayed: false });
  });

  it.each<{ case: string; answer: UpstreamAnswer }>([
    { case: 'that was not applied', answer: { ...said, kind: 'not_sent', reason: 'unreachable' } },
    {
      case: 'whose key of ours was refused',
      answer: { ...said, kind: 'access_refused', refusal: { ...refusal, status: 401 } },
    },
  ])('is free again after a rename $case; the next attempt says what it replaces', async ({ answer }) => {
    const world = createWorld();
    world.script.rename = async () => answer;
    const first = await errorOf(world.rename('v1', key));
    world.script.rename = async (name) => renamed(name);
    const second = await world.rename('v1', key);
    expect(second.replayed).toBe(false);
    expect(world.record(second.renameId).replaces).toBe(first.renameId);
    const third = await world.rename('v1', key);
    expect(third).toMatchObject({ renameId: second.renameId, replayed: true });
  });

  it('gives the iteration as it was read where the rename was settled later', async () => {
    const world = createWorld();
    world.script.rename = async () => ({ ...said, kind: 'no_answer' });
    await errorOf(world.rename('v1', key));
    world.script.read = async () => reads('v1');
    world.advance(world.timings.leaseMs);
    expect(await world.rename('v1', key)).toMatchObject({ replayed: true, iteration: { name: 'v1' } });
  });
});

describe('the lock of an iteration', () => {
  it('turns a second rename away while the first may be under way', async () => {
    const world = createWorld();
    world.script.rename = async () => ({ ...said, kind: 'no_answer' });
    await errorOf(world.rename('v1'));
    world.advance(world.timings.leaseMs - 1);
    expect(await errorOf(world.rename('v2'))).toMatchObject({ code: 'iteration_busy', retryAfterMs: 1001 });
    expect(world.sent).toEqual(['v1']);
  });

  it('is settled by the next request that meets it expired, which then renames', async () => {
    const world = createWorld();
    world.script.rename = async () => ({ ...said, kind: 'no_answer' });
    const first = await errorOf(world.rename('v1'));
    world.advance(world.timings.leaseMs);
    world.script.rename = async (name) => renamed(name);
    await world.rename('v2');
    expect(world.record(first.renameId ?? '')).toMatchObject({ status: 'not_applied', evidence: 'state' });
  });

  it('counts anew for the rename that had to settle it first, however long that took', async () => {
    const world = createWorld();
    world.script.rename = async () => ({ ...said, kind: 'no_answer' });
    await errorOf(world.rename('v1'));
    world.advance(world.timings.leaseMs);
    world.script.rename = async (name) => renamed(name);
    let slowLooks = 3; // its own, and the two that settle the other
    world.script.read = async () => {
      if (slowLooks > 0) world.advance(world.timings.upstreamTimeoutMs + 1);
      slowLooks -= 1;
      return reads('Iteration 1');
    };
    expect(await world.rename('v2')).toMatchObject({ iteration: { name: 'v2' } });
  });

  it('stays while the outcome of the rename is unknown', async () => {
    const world = createWorld();
    world.script.rename = async () => ({ ...said, kind: 'no_answer' });
    await errorOf(world.rename('v1'));
    world.script.read = async () => ({ kind: 'unavailable' });
    world.advance(world.timings.leaseMs);
    expect(await errorOf(world.rename('v2'))).toMatchObject({ code: 'iteration_busy' });
  });

  it.each(['readPending', 'complete'] as const)(
    'is met in vain while the table fails at %s: nothing is sent, and the caller may come again',
    async (step) => {
      const world = createWorld({
        log: () => ({ [step]: () => Promise.reject(new Error('the table is down')) }),
      });
      world.script.rename = async () => ({ ...said, kind: 'no_answer' });
      await errorOf(world.rename('v1'));
      world.advance(world.timings.leaseMs);
      expect(await errorOf(world.rename('v2'))).toMatchObject({ code: 'audit_unavailable', renameId: null });
      expect(world.sent).toEqual(['v1']);
    },
  );
});
