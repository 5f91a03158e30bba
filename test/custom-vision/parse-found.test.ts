import { describe, expect, it } from 'vitest';
import type { LookUpTarget } from '../../src/custom-vision/look-up-target.ts';
import { keepProjects, parseFound } from '../../src/custom-vision/parse-found.ts';

const projectId = '11111111-1111-4111-8111-111111111111';
const iterationId = '22222222-2222-4222-8222-222222222222';
const OTHER = '33333333-3333-4333-8333-333333333333';
const project = { id: projectId.toUpperCase(), name: 'a', newer: 1 };
const iteration = { id: iterationId, name: 'v1', projectId: projectId.toUpperCase() };

const PROJECTS = { of: 'projects' } as const;
const PROJECT = { of: 'project', projectId } as const;
const ITERATIONS = { of: 'iterations', projectId } as const;
const ITERATION = { of: 'iteration', projectId, iterationId } as const;

const parse = (body: unknown, target: LookUpTarget) => parseFound(JSON.stringify(body), target);

const isShown = (id: string) => id === projectId;

describe('what a look-up found', () => {
  it.each([
    { target: PROJECTS, body: [], model: 'Project' },
    { target: PROJECTS, body: [project, { id: OTHER, name: '' }], model: 'Project' },
    { target: PROJECT, body: project, model: 'Project' },
    { target: ITERATIONS, body: [], model: 'Iteration' },
    { target: ITERATIONS, body: [iteration, { id: OTHER, name: 'v2' }], model: 'Iteration' },
    { target: ITERATION, body: { ...iteration, publishName: null }, model: 'Iteration' },
  ])('is taken as the service gave it: $target.of, $body', ({ target, body, model }) => {
    expect(parse(body, target)).toEqual({ model, found: body });
  });

  it.each([
    { target: PROJECTS, body: project, case: 'one where a list was asked' },
    { target: PROJECTS, body: [project, { id: 'x', name: 'a' }], case: 'an id that is none' },
    { target: PROJECTS, body: [project, null], case: 'null in a list' },
    { target: PROJECTS, body: [[project]], case: 'a list in a list' },
    { target: PROJECT, body: [project], case: 'a list where one was asked' },
    { target: PROJECT, body: { ...project, id: OTHER }, case: 'another project' },
    { target: PROJECT, body: { id: projectId }, case: 'no name' },
    { target: ITERATIONS, body: iteration, case: 'one where a list was asked' },
    { target: ITERATIONS, body: [iteration, { ...iteration, projectId: OTHER }], case: 'another project' },
    { target: ITERATIONS, body: [{ name: 'v1' }], case: 'no id' },
    { target: ITERATION, body: { ...iteration, id: OTHER }, case: 'another iteration' },
    { target: ITERATION, body: { ...iteration, projectId: OTHER }, case: 'one of another project' },
    { target: ITERATION, body: 'iteration', case: 'text' },
  ])('is nothing where it is not what was asked for: $target.of, $case', ({ target, body }) => {
    expect(parse(body, target)).toBeNull();
  });

  it.each([null, '', '<html>', '[', 'null'])('is nothing where it is no JSON of it: %s', (text) => {
    for (const target of [PROJECTS, PROJECT, ITERATIONS, ITERATION]) {
      expect(parseFound(text, target)).toBeNull();
    }
  });
});

describe('the projects of a list', () => {
  it('are those to be shown, in whatever case their ids are', () => {
    const found = [{ id: OTHER, name: 'b' }, project];
    expect(keepProjects({ model: 'Project', found }, isShown)).toEqual({
      model: 'Project',
      found: [project],
    });
  });

  it('may be none', () => {
    expect(keepProjects({ model: 'Project', found: [project] }, () => false).found).toEqual([]);
  });

  it('do not count where iterations were found', () => {
    const result = { model: 'Iteration', found: [iteration] } as const;
    expect(keepProjects(result, () => false)).toEqual(result);
  });
});
