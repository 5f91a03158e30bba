import { describe, expect, it } from 'vitest';
import type { RenameCommand } from '../../src/rename/rename-command.ts';
import type { UpstreamAnswer, UpstreamReading } from '../../src/rename/upstream.ts';
import { createWorld, errorOf, reads, renamed, said } from './world.ts';

const refusal = { status: 400, code: 'BadRequestIterationNameNotUnique', message: 'taken' };
const OTHER_CALLER: Partial<RenameCommand> = {
  caller: { kind: 'entra-user', id: 'entra:other', name: null },
};
const lost: UpstreamAnswer = { ...said, kind: 'no_answer' };

/** `Iteration 1` was renamed to `v1`; from then on the upstream shows the name that it took last. */
async function createRenamedWorld(options: Parameters<typeof createWorld>[0] = {}) {
  const world = createWorld(options);
  const state = { name: 'Iteration 1' };
  world.script.read = async () => reads(state.name);
  world.script.rename = async (name) => {
    state.name = name;
    return renamed(name);
  };
  const { renameId } = await world.rename('v1');
  world.steps.length = 0;
  world.sent.length = 0;
  return { ...world, state, first: renameId };
}

describe('an undo', () => {
  it('is a rename to the previous name, with a record of its own that says what it undoes', async () => {
    const world = await createRenamedWorld();
    const { renameId, iteration, replayed } = await world.undo(world.first);
    expect(iteration.name).toBe('Iteration 1');
    expect(replayed).toBe(false);
    expect(world.steps).toEqual(['begin', 'patch', 'complete']);
    expect(world.record(renameId)).toMatchObject({
      status: 'succeeded',
      requestedName: 'Iteration 1',
      previousName: 'v1',
      undoes: world.first,
      replaces: null,
    });
    expect(world.record(world.first)).toMatchObject({ status: 'succeeded', undoes: null });
  });

  it('reads the iteration under its lease, however long that takes, before anything is sent', async () => {
    const world = await createRenamedWorld();
    const read = Promise.withResolvers<UpstreamReading>();
    world.script.read = async () => {
      world.steps.push('read');
      return read.promise;
    };
    const undone = world.undo(world.first);
    await expect.poll(() => world.steps).toEqual(['begin', 'read']);
    world.advance(5000); // far longer than a rename waits for the name before it
    await new Promise(setImmediate);
    expect(world.sent).toEqual([]);
    read.resolve(reads('v1'));
    await undone;
    expect(world.steps).toEqual(['begin', 'read', 'patch', 'complete']);
  });

  it('is not sent where its reading has taken too long', async () => {
    const world = await createRenamedWorld();
    world.script.read = async () => {
      world.advance(world.timings.upstreamTimeoutMs + 1);
      return reads('v1');
    };
    expect(await errorOf(world.undo(world.first))).toMatchObject({ code: 'too_late_to_send' });
    expect(world.sent).toEqual([]);
  });

  it.each<{ case: string; reading: UpstreamReading; error: object; previousName: string | null }>([
    {
      case: 'the iteration has another name now',
      reading: reads('by a person'),
      error: { code: 'renamed_since', shownName: 'by a person' },
      previousName: 'by a person',
    },
    {
      case: 'the iteration is gone',
      reading: { kind: 'absent' },
      error: { code: 'renamed_since', shownName: null },
      previousName: null,
    },
    {
      case: 'the reading is throttled',
      reading: { kind: 'throttled', retryAfterMs: 7000 },
      error: { code: 'upstream_throttled', retryAfterMs: 7000 },
      previousName: null,
    },
    {
      case: 'the reading fails',
      reading: { kind: 'unavailable' },
      error: { code: 'iteration_unreadable' },
      previousName: null,
    },
  ])('is not sent where $case; it can be asked for again', async ({ reading, error, previousName }) => {
    const world = await createRenamedWorld();
    world.script.read = async () => reading;
    const refused = await errorOf(world.undo(world.first));
    expect(refused).toMatchObject({ ...error, replayed: false });
    expect(world.sent).toEqual([]);
    expect(world.record(refused.renameId ?? '')).toMatchObject({
      status: 'not_applied',
      attempts: 0,
      evidence: null,
      upstreamMessage: expect.stringMatching(/ Nothing was sent\.$/),
      previousName,
    });
    expect(world.locks.size).toBe(0);

    world.script.read = async () => reads('v1');
    const { renameId, replayed } = await world.undo(world.first);
    expect(replayed).toBe(false);
    expect(world.record(renameId)).toMatchObject({ undoes: world.first, replaces: refused.renameId });
  });

  it.each(['v\u00E91', 've\u03011'])(
    'takes back a name that the service shows in another form: %s',
    async (shown) => {
      const world = await createRenamedWorld();
      const { renameId } = await world.rename('v\u00E91');
      world.script.read = async () => reads(shown);
      await world.undo(renameId);
      expect(world.sent.at(-1)).toBe('v1');
    },
  );
});

describe('an undo that is asked for twice', () => {
  it.each<{ case: string; more: Partial<RenameCommand> }>([
    { case: 'the same caller', more: {} },
    { case: 'another caller', more: OTHER_CALLER },
  ])('by $case is made once: the first answer is given again', async ({ more }) => {
    const world = await createRenamedWorld();
    const undone = await world.undo(world.first);
    expect(await world.undo(world.first, more)).toEqual({ ...undone, replayed: true });
    expect(world.sent).toEqual(['Iteration 1']);
  });

  it('is made once, also after others have given the name again, and after days', async () => {
    const world = await createRenamedWorld();
    const undone = await world.undo(world.first);
    await world.rename('v1', OTHER_CALLER);
    world.advance(30 * 24 * 60 * 60_000);
    expect(await world.undo(world.first)).toEqual({ ...undone, replayed: true });
    expect(world.sent).toEqual(['Iteration 1', 'v1']);
  });

  it('is under way still: a 409 for all others', async () => {
    const world = await createRenamedWorld();
    const answer = Promise.withResolvers<UpstreamAnswer>();
    world.script.rename = () => answer.promise;
    const undone = world.undo(world.first);
    await expect.poll(() => world.sent).toHaveLength(1);
    for (const more of [{}, OTHER_CALLER]) {
      expect(await errorOf(world.undo(world.first, more))).toMatchObject({
        code: 'idempotency_key_in_flight',
        retryAfterMs: 1000,
      });
    }
    answer.resolve(renamed('Iteration 1'));
    expect(await undone).toMatchObject({ replayed: false });
    expect(world.sent).toEqual(['Iteration 1']);
  });

  it('gets the same answer again while its outcome is unknown, and the outcome once it is settled', async () => {
    const world = await createRenamedWorld();
    world.script.rename = async () => lost;
    const first = await errorOf(world.undo(world.first));
    expect(first).toMatchObject({ code: 'outcome_unknown' });
    const again = await errorOf(world.undo(world.first, OTHER_CALLER));
    expect(again).toMatchObject({ code: 'outcome_unknown', renameId: first.renameId, replayed: true });
    world.advance(world.timings.leaseMs);
    world.state.name = 'Iteration 1';
    expect(await world.undo(world.first)).toMatchObject({ renameId: first.renameId, replayed: true });
    expect(world.sent).toEqual(['Iteration 1']);
  });

  it('is made after all where the sweep proves that the first changed nothing', async () => {
    const world = await createRenamedWorld();
    const { rename } = world.script;
    world.script.rename = async () => lost;
    const first = await errorOf(world.undo(world.first));
    world.advance(world.timings.leaseMs);
    for (const lease of world.leases()) expect(await world.settle(lease, world.report)).toBe(true);
    expect(world.record(first.renameId ?? '').status).toBe('not_applied');
    world.script.rename = rename;
    const { renameId } = await world.undo(world.first);
    expect(world.record(renameId)).toMatchObject({ status: 'succeeded', replaces: first.renameId });
  });

  it('stays unresolved where a person gave a third name meanwhile, whoever asks', async () => {
    const world = await createRenamedWorld();
    world.script.rename = async () => lost;
    const first = await errorOf(world.undo(world.first));
    world.advance(world.timings.leaseMs);
    world.script.read = async () =>
      reads('C', { lastModified: new Date(world.now()).toISOString(), answeredAtMs: world.now() });
    for (const more of [{}, OTHER_CALLER]) {
      expect(await errorOf(world.undo(world.first, more))).toMatchObject({
        code: 'unresolved',
        renameId: first.renameId,
      });
    }
    expect(world.sent).toEqual(['Iteration 1']);
  });

  it('is made under a new record where Custom Vision refused the first', async () => {
    const world = await createRenamedWorld();
    const { rename } = world.script;
    world.script.rename = async () => ({ ...said, kind: 'refused', refusal });
    const first = await errorOf(world.undo(world.first));
    expect(first).toMatchObject({ code: 'upstream_refused' });
    expect(world.record(first.renameId ?? '').status).toBe('rejected');
    world.script.rename = rename;
    const { renameId, replayed } = await world.undo(world.first);
    expect(replayed).toBe(false);
    expect(world.record(renameId)).toMatchObject({ status: 'succeeded', replaces: first.renameId });
  });
});

describe('an undo of an undo', () => {
  it('gives the name back that the first rename gave; the first rename counts as undone from then on', async () => {
    const world = await createRenamedWorld();
    const undone = await world.undo(world.first);
    const redone = await world.undo(undone.renameId);
    expect(world.record(redone.renameId)).toMatchObject({
      requestedName: 'v1',
      previousName: 'Iteration 1',
      undoes: undone.renameId,
    });
    expect(await world.undo(world.first)).toEqual({ ...undone, replayed: true });
    expect(world.sent).toEqual(['Iteration 1', 'v1']);
  });
});

it('an undo waits for its turn like any other rename, each time', async () => {
  const world = await createRenamedWorld();
  world.script.rename = async () => ({ ...said, kind: 'refused', refusal });
  await errorOf(world.undo(world.first));
  world.rateLimit.stop();
  expect(await errorOf(world.undo(world.first))).toMatchObject({ code: 'shutting_down' });
});

it('a key of the caller is neither taken nor met by an undo', async () => {
  const world = await createRenamedWorld();
  await world.rename('v2', { idempotencyKey: world.first });
  await world.rename('v1');
  expect(await world.undo(world.first)).toMatchObject({ replayed: false });
});
