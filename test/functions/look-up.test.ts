import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

// Two resources, each with a project of its own for each caller, and one for neither.
const [OURS, THEIRS, NOBODYS, ON_LINE_2, THEIRS_ON_LINE_2] = Array.from({ length: 5 }, () => randomUUID());
const ITERATION = randomUUID();
const SECRET = 'of-somebody-else';

let proxy: RenameProxy;
beforeAll(async () => {
  proxy = await startRenameProxy({
    callerAuthentication: 'caller-key',
    callers: ['everything', 'renamer', 'reader', 'line-2', 'stranger'],
    resources: ['default', 'line-2'],
    settings: {
      ACCESS_POLICY: JSON.stringify([
        { caller: 'key:everything', projects: ['*'], resources: ['*'], may: ['rename'] },
        {
          caller: 'key:renamer',
          projects: [OURS?.toUpperCase()],
          resources: ['Default'],
          names: 'v.*',
          may: ['rename'],
        },
        { caller: 'key:reader', projects: [OURS], resources: ['default'], may: ['read'] },
        { caller: 'key:line-2', projects: [ON_LINE_2], resources: ['line-2', 'gone'], may: ['read'] },
        { caller: 'webhook:x', projects: ['*'], resources: ['*'], may: ['rename'] },
      ]),
    },
  });
  const { default: customVision, 'line-2': line2 } = proxy.stack.customVisions;
  const iterations = [{ id: ITERATION, name: 'Iteration 1 <b>&' }, { name: '検査 2' }];
  const other = { iterations: [{ name: SECRET }], description: SECRET };
  customVision?.addProject({ id: OURS ?? '', name: 'Ours & <more>', iterations });
  customVision?.addProject({ id: THEIRS ?? '', name: SECRET, ...other });
  customVision?.addProject({ id: NOBODYS ?? '', name: SECRET, ...other });
  line2?.addProject({ id: ON_LINE_2 ?? '', name: 'On line 2', iterations: [{ name: 'Iteration 7' }] });
  line2?.addProject({ id: THEIRS_ON_LINE_2 ?? '', name: SECRET, ...other });
});
afterEach(() => proxy.clearFaults());
afterAll(() => proxy.stop());

const ROOT = '/customvision/v3.4-preview/training/projects';

async function get(path: string, caller: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${proxy.app.url}${path}`, {
    headers: { 'training-key': proxy.stack.callerKeys[caller] ?? '', ...headers },
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text };
}

const paths = (project: string | undefined) => [
  `${ROOT}/${project}`,
  `${ROOT}/${project}/iterations`,
  `${ROOT}/${project}/iterations/${ITERATION}`,
];
const namesIn = (text: string) => JSON.parse(text).map(({ name }: { name: string }) => name);
const upstreamCalls = () => Object.values(proxy.stack.customVisions).flatMap(({ journal }) => journal).length;

describe('a look-up', () => {
  it('finds a project by its name, then its iterations, as the service shows them', async () => {
    const projects = await get(ROOT, 'renamer');
    expect(projects.status).toBe(200);
    expect(projects.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(projects.headers.get('cache-control')).toBe('no-store');
    const [project] = JSON.parse(projects.text);
    expect(project).toMatchObject({ id: OURS, name: 'Ours & <more>', status: 'Succeeded' });
    expect(JSON.parse((await get(`${ROOT}/${OURS}`, 'renamer')).text)).toEqual(project);

    const { customVision } = proxy.stack;
    const iteration = customVision.iteration(OURS ?? '', ITERATION);
    const iterations = JSON.parse((await get(`${ROOT}/${OURS}/iterations`, 'renamer')).text);
    expect(iterations).toHaveLength(2);
    expect(iterations[0]).toEqual(iteration);
    const one = await get(`${ROOT}/${OURS?.toUpperCase()}/iterations/${ITERATION}`, 'renamer');
    expect(JSON.parse(one.text)).toEqual(iteration);
  });

  it('finds them in XML where Accept prefers it', async () => {
    const accept = { accept: 'application/xml' };
    const projects = await get(ROOT, 'renamer', accept);
    expect(projects.headers.get('content-type')).toBe('application/xml; charset=utf-8');
    expect(projects.text).toMatch(
      /^<\?xml version="1.0" encoding="utf-8"\?><ArrayOfProject><Project><id>[^<]+<\/id><name>Ours &amp; &lt;more&gt;<\/name>/,
    );
    expect(projects.text).toContain('<settings><domainId>');
    expect((await get(`${ROOT}/${OURS}`, 'renamer', accept)).text).toMatch(/\?><Project><id>/);
    expect((await get(`${ROOT}/${OURS}/iterations`, 'renamer', accept)).text).toMatch(
      /\?><ArrayOfIteration><Iteration><id>.*<\/Iteration><Iteration>.*<name>検査 2<\/name>.*<\/Iteration><\/ArrayOfIteration>$/,
    );
    expect((await get(`${ROOT}/${OURS}/iterations/${ITERATION}`, 'renamer', accept)).text).toMatch(
      /\?><Iteration><id>[^<]+<\/id><name>Iteration 1 &lt;b&gt;&amp;<\/name>/,
    );
  });

  it.each([
    { case: 'in the path', prefix: '/LINE-2', headers: {} },
    { case: 'in the header', prefix: '', headers: { 'custom-vision-resource': 'Line-2' } },
  ])('is made on a resource that is named $case', async ({ prefix, headers }) => {
    expect(namesIn((await get(`${prefix}${ROOT}`, 'line-2', headers)).text)).toEqual(['On line 2']);
    const iterations = await get(`${prefix}${ROOT}/${ON_LINE_2}/iterations`, 'line-2', headers);
    expect(namesIn(iterations.text)).toEqual(['Iteration 7']);
  });

  it.each(['renamer', 'reader'])('is granted with either permission: %s', async (caller) => {
    expect(namesIn((await get(ROOT, caller)).text)).toEqual(['Ours & <more>']);
  });

  it('passes on no query, no key and no other header of the caller, and asks anew each time', async () => {
    const { customVision } = proxy.stack;
    const since = customVision.journal.length;
    const headers = { 'x-other': 'one', 'custom-vision-resource': 'default' };
    await get(`${ROOT}/${OURS}/iterations?take=1&key=a`, 'reader', headers);
    await get(`${ROOT}/${OURS}/iterations?take=1&key=a`, 'reader', headers);
    const calls = customVision.journal.slice(since);
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array.from({ length: 2 }, () => `GET ${ROOT}/${OURS}/iterations`),
    );
    for (const call of calls) {
      expect(call.headers['training-key']).toBe(proxy.stack.trainingKey);
      expect(JSON.stringify(call.headers)).not.toMatch(/x-other|custom-vision-resource/);
    }
  });

  it('writes no record', async () => {
    const before = proxy.stack.tables.operations().length;
    await get(`${ROOT}/${OURS}/iterations`, 'reader');
    expect(proxy.stack.tables.operations().length).toBe(before);
  });
});

describe('nothing of what a caller is not granted', () => {
  it.each(['application/json', 'text/xml'])('is in a list of projects: %s', async (accept) => {
    for (const [path, caller, granted] of [
      [ROOT, 'renamer', 'Ours'],
      [`/default${ROOT}`, 'reader', 'Ours'],
      [`/line-2${ROOT}`, 'line-2', 'On line 2'],
    ] as const) {
      const { status, text, headers } = await get(path, caller, { accept });
      expect(status).toBe(200);
      expect(text).toContain(granted);
      const others = [SECRET, THEIRS, NOBODYS, THEIRS_ON_LINE_2, path.includes('line-2') ? OURS : ON_LINE_2];
      for (const other of others) expect(text + JSON.stringify([...headers])).not.toContain(other);
      expect(text.match(/"created"|<created>/g)).toHaveLength(1);
    }
  });

  it.each(['application/json', 'text/xml'])('can be told from what does not exist: %s', async (accept) => {
    const before = upstreamCalls();
    const answers = await Promise.all(
      [
        ...[THEIRS, NOBODYS, randomUUID(), ON_LINE_2].flatMap(paths),
        ...[OURS, ON_LINE_2, randomUUID()].flatMap(paths).map((path) => `/line-2${path}`),
        ...[OURS, randomUUID()].flatMap(paths).map((path) => `/nowhere${path}`),
        `/line-2${ROOT}`,
        `/nowhere${ROOT}`,
      ].flatMap((path) => [get(path, 'renamer', { accept }), get(path, 'reader', { accept })]),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(403);
    expect(answers[0]?.text).toContain('ForbiddenUserInsufficientCapability');
    const byHeader = await Promise.all(
      ['line-2', 'nowhere'].map((name) => get(ROOT, 'reader', { accept, 'custom-vision-resource': name })),
    );
    expect(new Set(byHeader.map(({ text }) => text))).toEqual(new Set([answers[0]?.text]));
    expect(upstreamCalls(), 'nothing was asked of the service').toBe(before);
  });

  it('is shown to a caller without a grant', async () => {
    const answers = await Promise.all(
      [ROOT, `/line-2${ROOT}`, `/nowhere${ROOT}`, `${ROOT}/x`, `${ROOT}/${OURS}`, '/resources'].map((path) =>
        get(path, 'stranger'),
      ),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(403);
    expect((await fetch(`${proxy.app.url}${ROOT}`)).status).toBe(401);
    expect((await fetch(`${proxy.app.url}/resources`)).status).toBe(401);
  });

  it('is logged as denied, with who asked', async () => {
    await get(`${ROOT}/${THEIRS}`, 'reader');
    const line = { event: 'caller_denied', callerId: 'key:reader', may: 'look-up', projectId: THEIRS };
    expect(proxy.app.output()).toContain(JSON.stringify({ ...line, resource: 'default' }));
  });
});

describe('the list of resources', () => {
  it.each([
    { caller: 'everything', resources: ['default', 'line-2'] },
    { caller: 'renamer', resources: ['default'] },
    { caller: 'line-2', resources: ['line-2'] },
  ])('has those on which $caller has a grant', async ({ caller, resources }) => {
    const { status, text } = await get('/resources', caller);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ resources: resources.map((name) => ({ name })) });
  });
});

describe('a look-up of what cannot be', () => {
  it.each([
    { case: 'an id that is no UUID', path: `${ROOT}/x`, status: 400, code: 'BadRequestInvalidIds' },
    {
      case: 'an id that leads elsewhere',
      path: `${ROOT}/${OURS}/iterations/..%2f..`,
      status: 400,
      code: 'BadRequestInvalidIds',
    },
    {
      case: 'another API version',
      path: ROOT.replace('v3.4-preview', 'v2.2'),
      status: 404,
      code: 'NotFound',
    },
    { case: 'an unknown resource, for who may all', path: `/nowhere${ROOT}`, status: 404, code: 'NotFound' },
    {
      case: 'a project that is not there',
      path: `${ROOT}/${ITERATION}`,
      status: 404,
      code: 'NotFoundProject',
    },
    {
      case: 'an iteration that is not there',
      path: `${ROOT}/${OURS}/iterations/${OURS}`,
      status: 404,
      code: 'NotFoundIteration',
    },
  ])('is refused: $case', async ({ path, status, code }) => {
    const answer = await get(path, 'everything');
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, code]);
  });

  it('is told where a grant names a resource that is gone', async () => {
    expect((await get(`/gone${ROOT}`, 'line-2')).status).toBe(404);
  });
});
