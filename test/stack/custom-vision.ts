import { randomUUID } from 'node:crypto';
import {
  iterationAnswer,
  listAnswer,
  projectAnswer,
  refusalAnswer,
  requestedName,
  type Refusal,
} from './custom-vision-bodies.ts';
import {
  createIteration,
  createProject,
  type IterationSeed,
  type ProjectSeed,
  type SimulatedIteration,
  type SimulatedProject,
} from './custom-vision-model.ts';
import type { ReceivedRequest } from './received-request.ts';
import { startSimulatorServer, type Simulator, type SimulatorAnswer } from './simulator-server.ts';

/** A name that the service took. `from` may equal `to`: it took it again. */
export interface RenameEffect {
  projectId: string;
  iterationId: string;
  from: string;
  to: string;
}

export interface CustomVision extends Omit<Simulator<RenameEffect>, 'origin' | 'port'> {
  /** What a resource's `endpoint` is set to: no path, no slash at the end. */
  endpoint: string;
  addProject(project?: ProjectSeed & { iterations?: readonly IterationSeed[] }): string;
  addIteration(projectId: string, seed: IterationSeed): SimulatedIteration;
  removeIteration(projectId: string, iterationId: string): void;
  /** The iteration as it stands now; undefined where there is none. */
  iteration(projectId: string, iterationId: string): SimulatedIteration | undefined;
  /** Renames behind everybody's back, as somebody in the portal would; it is no effect of any request. */
  setName(projectId: string, iterationId: string, name: string): void;
  /** The names taken so far, in their order. */
  effects(): (RenameEffect & { seq: number; atMs: number })[];
  /** From now on only this key is taken. */
  rotateKey(trainingKey: string): void;
  /**
   * From now on names are taken in the form that `normalise` gives them; null (the start) means as they are.
   */
  normaliseNames(normalise: ((name: string) => string) | null): void;
  /** The service allows 10 calls a second; null (the start) means no limit. */
  limitCallsPerSecond(calls: number | null): void;
}

export interface CustomVisionOptions {
  trainingKey: string;
  port?: number;
  now?: () => number;
}

const PROJECTS =
  /^\/customvision\/v3\.[0-4](?:-preview)?\/training\/projects(?:\/([^/]+)(\/iterations(?:\/([^/]+))?)?)?$/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * GET and PATCH of an iteration, the list of them, and GET of projects, as the reference page of Custom
 * Vision Training and its SDKs describe.
 */
export async function startCustomVision(options: CustomVisionOptions): Promise<CustomVision> {
  const { now = Date.now } = options;
  let { trainingKey } = options;
  let normalise: ((name: string) => string) | null = null;
  let callsPerSecond: number | null = null;
  let modifiedAtMs = 0;
  let recentCallsAtMs: number[] = [];
  const projects = new Map<
    string,
    { project: SimulatedProject; iterations: Map<string, SimulatedIteration> }
  >();

  /** Each change gives a time that no change before has given. */
  const changeName = (iteration: SimulatedIteration, name: string): void => {
    iteration.name = name;
    modifiedAtMs = Math.max(now(), modifiedAtMs + 1);
    iteration.lastModified = new Date(modifiedAtMs).toISOString();
  };

  const find = (projectId: string, iterationId: string): SimulatedIteration | undefined =>
    projects.get(projectId.toLowerCase())?.iterations.get(iterationId.toLowerCase());

  const addIteration: CustomVision['addIteration'] = (projectId, seed) => {
    const iteration = createIteration({ seed, projectId: projectId.toLowerCase(), nowMs: now() });
    projects.get(projectId.toLowerCase())?.iterations.set(iteration.id.toLowerCase(), iteration);
    return iteration;
  };

  const throttled = (): boolean => {
    if (callsPerSecond === null) return false;
    recentCallsAtMs = recentCallsAtMs.filter((atMs) => atMs > now() - 1000);
    if (recentCallsAtMs.length >= callsPerSecond) return true;
    recentCallsAtMs.push(now());
    return false;
  };

  const rename = (
    request: ReceivedRequest,
    iteration: SimulatedIteration,
  ): SimulatorAnswer<RenameEffect> | Refusal => {
    const asked = requestedName(request);
    if ('status' in asked) return asked;
    const name = asked.name === null ? null : (normalise?.(asked.name) ?? asked.name);
    if (name === null)
      return {
        status: 400,
        code: 'BadRequestRequiredParamIsNull',
        message: 'Required parameter is null: name',
      };
    if (name === '' || name.length > 256)
      return { status: 400, code: 'BadRequestIterationName', message: 'Invalid iteration name' };
    const others = [...(projects.get(iteration.projectId)?.iterations.values() ?? [])].filter(
      (other) => other !== iteration,
    );
    if (others.some((other) => other.name === name)) {
      return {
        status: 400,
        code: 'BadRequestIterationNameNotUnique',
        message: 'Iteration name is not unique within the project',
      };
    }
    const effect = {
      projectId: iteration.projectId,
      iterationId: iteration.id,
      from: iteration.name,
      to: name,
    };
    changeName(iteration, name);
    return { ...iterationAnswer(request, iteration), effect };
  };

  const handle = (request: ReceivedRequest): SimulatorAnswer<RenameEffect> | Refusal => {
    const key = request.headers['training-key'];
    if (key !== trainingKey) return ACCESS_DENIED;
    if (throttled()) return THROTTLED;
    const [path, projectId, below, iterationId] =
      PROJECTS.exec(new URL(request.path, 'http://127.0.0.1').pathname) ?? [];
    if (path === undefined) return { status: 404, code: 'NotFound', message: 'Resource not found' };
    const isGet = request.method === 'GET';
    if (projectId === undefined) {
      const all = [...projects.values()].map(({ project }) => project);
      return isGet ? listAnswer(request, 'Project', all) : NOT_ALLOWED;
    }
    if (!UUID.test(projectId) || (iterationId !== undefined && !UUID.test(iterationId))) {
      return { status: 400, code: 'BadRequestInvalidIds', message: 'Invalid ids' };
    }
    const found = projects.get(projectId.toLowerCase());
    if (found === undefined) return { status: 404, code: 'NotFoundProject', message: 'Project not found' };
    if (below === undefined) return isGet ? projectAnswer(request, found.project) : NOT_ALLOWED;
    if (iterationId === undefined) {
      return isGet ? listAnswer(request, 'Iteration', [...found.iterations.values()]) : NOT_ALLOWED;
    }
    const iteration = find(projectId, iterationId);
    if (iteration === undefined)
      return { status: 404, code: 'NotFoundIteration', message: 'Iteration not found' };
    if (isGet) return iterationAnswer(request, iteration);
    return request.method === 'PATCH' ? rename(request, iteration) : NOT_ALLOWED;
  };

  const act = (request: ReceivedRequest): SimulatorAnswer<RenameEffect> => {
    const outcome = handle(request);
    const answer: SimulatorAnswer<RenameEffect> =
      'code' in outcome ? refusalAnswer(request, outcome) : outcome;
    // One clock for the answer and for the times of the iterations, as in the service.
    const date = new Date(now()).toUTCString();
    return { ...answer, headers: { ...answer.headers, date, 'apim-request-id': randomUUID() } };
  };

  const port = options.port === undefined ? {} : { port: options.port };
  const {
    origin,
    port: _port,
    ...simulator
  } = await startSimulatorServer<RenameEffect>({ act, now, ...port });
  return {
    ...simulator,
    endpoint: origin,
    addProject({ iterations = [], ...seed } = {}) {
      const project = createProject(seed, now());
      projects.set(project.id, { project, iterations: new Map() });
      for (const iteration of iterations) addIteration(project.id, iteration);
      return project.id;
    },
    addIteration,
    removeIteration: (projectId, iterationId) =>
      void projects.get(projectId.toLowerCase())?.iterations.delete(iterationId.toLowerCase()),
    iteration(projectId, iterationId) {
      const found = find(projectId, iterationId);
      return found === undefined ? undefined : { ...found };
    },
    setName(projectId, iterationId, name) {
      const found = find(projectId, iterationId);
      if (found !== undefined) changeName(found, name);
    },
    effects: () =>
      simulator.journal
        .flatMap(({ effect }) => (effect === null ? [] : [effect]))
        .toSorted((a, b) => a.seq - b.seq),
    rotateKey(key) {
      trainingKey = key;
    },
    normaliseNames(form) {
      normalise = form;
    },
    limitCallsPerSecond(calls) {
      callsPerSecond = calls;
      recentCallsAtMs = [];
    },
  };
}

const ACCESS_DENIED: Refusal = {
  status: 401,
  code: 'Unauthorized',
  message: 'Access denied due to invalid subscription key or wrong API endpoint.',
};
const THROTTLED: Refusal = {
  status: 429,
  code: 'TooManyRequests',
  message: 'Rate limit is exceeded. Try again in 1 second.',
  headers: { 'retry-after': '1' },
};
const NOT_ALLOWED: Refusal = {
  status: 405,
  code: 'BadRequestNotSupported',
  message: 'The method is not supported here',
};
