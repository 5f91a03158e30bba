import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionApp } from '../stack/function-app.ts';
import { nameNow, namesTaken, shownOf } from './iteration-faults.ts';
import { type Answer, type RenameProxy, type SeededIteration, startRenameProxy } from './rename-proxy.ts';

let proxy: RenameProxy;
let instances: FunctionApp[];
beforeAll(async () => {
  proxy = await startRenameProxy();
  instances = [proxy.app, await proxy.stack.startApp()];
});
afterAll(() => proxy.stop());

/** An iteration that was `Iteration 1`, and is called `v1` now. */
async function renamed(name = 'v1'): Promise<{ iteration: SeededIteration; first: Answer }> {
  const iteration = proxy.seed();
  return { iteration, first: await proxy.rename(iteration, { name }) };
}

const answerOf = (renameId: string) => ({ headers: new Headers({ 'rename-id': renameId }) });

describe('an undo', () => {
  it('gives the iteration its previous name back, and is answered and recorded as a rename', async () => {
    const { iteration, first } = await renamed();
    const undone = await proxy.undo(iteration, first);
    expect(undone.status).toBe(200);
    expect(undone.json).toMatchObject({ id: iteration.iterationId, name: 'Iteration 1' });
    const { renameId, location } = shownOf(undone);
    expect(location).toBe(`/projects/${iteration.projectId}/renames/${renameId}`);
    expect(nameNow(proxy, iteration)).toBe('Iteration 1');

    const record = await fetch(`${proxy.app.url}${location}`, {
      headers: { 'x-functions-key': proxy.app.functionKey },
    });
    expect(await record.json()).toMatchObject({
      renameId,
      status: 'succeeded',
      requestedName: 'Iteration 1',
      previousName: 'v1',
      undoes: shownOf(first).renameId,
      trigger: 'http',
      caller: { id: 'function-key' },
    });
  });

  it('leads to its record from its own path, under any prefix', async () => {
    const { iteration, first } = await renamed();
    const path = `/projects/${iteration.projectId}/renames/${shownOf(first).renameId}/undo`;
    const { headers } = await fetch(`${proxy.app.url}${path}`, {
      method: 'POST',
      headers: { 'x-functions-key': proxy.app.functionKey },
    });
    const resolvedPath = new URL(headers.get('location') ?? '', `https://gateway.example/prefix${path}`)
      .pathname;
    expect(resolvedPath).toBe(`/prefix/projects/${iteration.projectId}/renames/${headers.get('rename-id')}`);
  });

  it('is answered in XML where that is preferred', async () => {
    const { iteration, first } = await renamed();
    const undone = await proxy.undo(iteration, first, { headers: { accept: 'application/xml' } });
    expect(undone.text).toContain('<name>Iteration 1</name>');
  });

  it('is in the history as CSV, in the last column', async () => {
    const { iteration, first } = await renamed();
    await proxy.undo(iteration, first);
    const csv = await fetch(`${proxy.app.url}/projects/${iteration.projectId}/renames`, {
      headers: { 'x-functions-key': proxy.app.functionKey, accept: 'text/csv' },
    });
    const [header, newest, oldest] = (await csv.text()).split('\r\n');
    expect(header).toMatch(/,undoes$/);
    expect(newest?.endsWith(`,${shownOf(first).renameId}`)).toBe(true);
    expect(oldest?.endsWith(',')).toBe(true);
  });

  it('of a rename that was an undo gives the name again', async () => {
    const { iteration, first } = await renamed();
    const undone = await proxy.undo(iteration, first);
    const redone = await proxy.undo(iteration, undone);
    expect([redone.status, redone.json['name']]).toEqual([200, 'v1']);
    const [record] = await proxy.records(iteration.projectId);
    expect(record).toMatchObject({ undoes: shownOf(undone).renameId, previousName: 'Iteration 1' });
    const again = await proxy.undo(iteration, first);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(shownOf(again)).toEqual(shownOf(undone));
    expect(nameNow(proxy, iteration)).toBe('v1');
  });

  it('of a rename that Custom Vision wrote in another form takes that form back', async () => {
    proxy.stack.customVision.normaliseNames((name) => name.replaceAll('  ', ' '));
    const { iteration, first } = await renamed('two  words').finally(() =>
      proxy.stack.customVision.normaliseNames(null),
    );
    expect(nameNow(proxy, iteration)).toBe('two words');
    expect((await proxy.undo(iteration, first)).status).toBe(200);
    expect(nameNow(proxy, iteration)).toBe('Iteration 1');
  });
});

describe('after somebody else has renamed the iteration', () => {
  it.each<{ where: string; rename: (iteration: SeededIteration) => unknown }>([
    { where: 'in the proxy', rename: (iteration) => proxy.rename(iteration, { name: 'theirs' }) },
    {
      where: 'in the portal',
      rename: ({ projectId, iterationId }) =>
        proxy.stack.customVision.setName(projectId, iterationId, 'theirs'),
    },
  ])('$where, an undo is a 409 that names their name, and changes nothing', async ({ rename }) => {
    const { iteration, first } = await renamed();
    await rename(iteration);
    const refused = await proxy.undo(iteration, first);
    expect(refused.status).toBe(409);
    expect(refused.json).toEqual({
      code: 'Conflict',
      message: 'The iteration has another name now: "theirs". Nothing was renamed.',
      renameId: shownOf(refused).renameId,
    });
    expect(nameNow(proxy, iteration)).toBe('theirs');
    const [record] = await proxy.records(iteration.projectId);
    expect(record).toMatchObject({ status: 'not_applied', undoes: shownOf(first).renameId, attempts: 0 });

    proxy.stack.customVision.setName(iteration.projectId, iteration.iterationId, 'v1');
    expect((await proxy.undo(iteration, first)).status).toBe(200); // it was released
  });

  it('in the portal while the undo is being begun, it sees that name: the reading comes after', async () => {
    const { iteration, first } = await renamed();
    const { tables, customVision } = proxy.stack;
    tables.hooks.onEffect = async ({ path, body }) => {
      if (path.endsWith('$batch') && body.includes(iteration.iterationId)) {
        delete tables.hooks.onEffect;
        customVision.setName(iteration.projectId, iteration.iterationId, 'theirs');
      }
    };
    expect((await proxy.undo(iteration, first)).status).toBe(409);
    expect(namesTaken(proxy, iteration)).toEqual(['v1']);
  });

  it('by removing it, an undo is a 409, too', async () => {
    const { iteration, first } = await renamed();
    proxy.stack.customVision.removeIteration(iteration.projectId, iteration.iterationId);
    const refused = await proxy.undo(iteration, first);
    expect([refused.status, refused.json['message']]).toEqual([
      409,
      'The iteration is gone. Nothing was renamed.',
    ]);
  });
});

describe('an undo that is asked for', () => {
  it('twice is made once: the first answer is given again, also after a new rename', async () => {
    const { iteration, first } = await renamed();
    const undone = await proxy.undo(iteration, first);
    await proxy.rename(iteration, { name: 'v1' });
    const again = await proxy.undo(iteration, first, { headers: { 'idempotency-key': randomUUID() } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect([again.status, again.text]).toEqual([200, undone.text]);
    expect(shownOf(again)).toEqual(shownOf(undone));
    expect(namesTaken(proxy, iteration)).toEqual(['v1', 'Iteration 1', 'v1']);
  });

  it('by ten clients at once, through two instances, is made once', async () => {
    const { iteration, first } = await renamed();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => {
        const app = instances[index % instances.length] ?? proxy.app;
        return proxy.undo(iteration, first, { app });
      }),
    );
    const statuses = new Set(answers.map(({ status }) => status));
    expect(statuses.has(200)).toBe(true);
    expect([...statuses].filter((status) => status !== 200 && status !== 409)).toEqual([]);
    for (const answer of answers.filter(({ status }) => status === 409)) {
      expect(answer.headers.has('retry-after')).toBe(true);
    }
    expect(namesTaken(proxy, iteration)).toEqual(['v1', 'Iteration 1']);
    const undos = (await proxy.records(iteration.projectId)).filter(({ undoes }) => undoes !== undefined);
    expect(undos.map(({ status }) => status)).toEqual(['succeeded']);
    const shown = answers.filter(({ status }) => status === 200).map((answer) => shownOf(answer).renameId);
    expect(new Set(shown)).toEqual(new Set([undos[0]?.['renameId']]));
  });

  it('while another rename of the iteration is under way is a 409 for a moment', async () => {
    const { iteration, first } = await renamed();
    const { promise: isMet, resolve } = Promise.withResolvers<void>();
    proxy.stack.customVision.faults.inject({
      kind: 'delay',
      delayMs: 500,
      times: 1,
      when: ({ method, path }) => {
        const isIts = method === 'PATCH' && path.includes(iteration.iterationId);
        if (isIts) resolve();
        return isIts;
      },
    });
    const other = proxy.rename(iteration, { name: 'v2' });
    await isMet;
    const busy = await proxy.undo(iteration, first);
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([409, '1']);
    expect((await other).status).toBe(200);
    expect((await proxy.undo(iteration, first)).json['message']).toContain('"v2"');
  });
});

describe('there is nothing to undo', () => {
  it('of a rename that Custom Vision refused: 409', async () => {
    const iteration = proxy.seed();
    proxy.stack.customVision.addIteration(iteration.projectId, { name: 'taken' });
    const refused = await proxy.rename(iteration, { name: 'taken' });
    const answer = await proxy.undo(iteration, refused);
    expect([answer.status, answer.json['code'], answer.headers.has('rename-id')]).toEqual([
      409,
      'Conflict',
      false,
    ]);
    expect(await proxy.records(iteration.projectId)).toHaveLength(1);
  });

  it('where no other name is known from before: 422', async () => {
    const iteration = proxy.seed('v1');
    const first = await proxy.rename(iteration, { name: 'v1' });
    const answer = await proxy.undo(iteration, first);
    expect([answer.status, answer.json['code']]).toEqual([422, 'Conflict']);
    expect(namesTaken(proxy, iteration)).toEqual(['v1']);
  });

  it('where this proxy would not give the name that the portal gave: the same 400 as for a rename', async () => {
    const iteration = proxy.seed(' padded');
    const first = await proxy.rename(iteration, { name: 'v1' });
    const answer = await proxy.undo(iteration, first);
    expect([answer.status, answer.json['code']]).toEqual([400, 'BadRequestIterationName']);
  });

  it.each([
    { case: 'an id without a record', renameId: `${'1'.repeat(13)}-aaaaaaaaaa` },
    { case: 'a malformed id', renameId: 'x' },
  ])('under $case: 404', async ({ renameId }) => {
    const { status } = await proxy.undo(proxy.seed(), answerOf(renameId));
    expect(status).toBe(404);
  });
});

describe('a request for an undo', () => {
  it.each(['', '{}', ' { } '])('may have the body "%s"', async (body) => {
    const { iteration, first } = await renamed();
    expect((await proxy.undo(iteration, first, { body })).status).toBe(200);
  });

  it.each([
    { body: '{"name":"x"}', status: 400 },
    { body: '[]', status: 400 },
    { body: 'name=x', status: 400 },
    { body: `{${' '.repeat(1024)}}`, status: 413 },
  ])('may ask for nothing in its body: $status', async ({ body, status }) => {
    const { iteration, first } = await renamed();
    expect((await proxy.undo(iteration, first, { body })).status).toBe(status);
    expect(namesTaken(proxy, iteration)).toEqual(['v1']);
  });

  it('must not have a malformed Idempotency-Key', async () => {
    const { iteration, first } = await renamed();
    const headers = { 'idempotency-key': 'x'.repeat(256) };
    expect((await proxy.undo(iteration, first, { headers })).status).toBe(400);
  });

  it('must name a project by its id', async () => {
    const { status, json } = await proxy.undo({ projectId: 'x' }, answerOf('x'));
    expect([status, json['code']]).toEqual([400, 'BadRequestInvalidIds']);
  });
});
