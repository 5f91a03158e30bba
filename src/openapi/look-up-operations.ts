import { LOOK_UP_MAX_MIB } from '../custom-vision/look-up.ts';
import { pathParameter, PROJECTS_ROUTE, RESOURCE, RESOURCE_HEADER, VERSION } from './parameters.ts';
import { responses } from './responses.ts';

const uuid = { type: 'string', format: 'uuid' };
const PROJECT_ID = pathParameter('projectId', uuid, 'The project.');
const ITERATION_ID = pathParameter('iterationId', uuid, 'The iteration.');

/** The service's own operations, by its own ids. */
const LOOK_UPS = [
  {
    operationId: 'GetProjects',
    summary: 'The projects that the caller is granted',
    path: '',
    ids: [],
    schema: 'ProjectList',
  },
  {
    operationId: 'GetProject',
    summary: 'A project',
    path: '/{projectId}',
    ids: [PROJECT_ID],
    schema: 'Project',
  },
  {
    operationId: 'GetIterations',
    summary: "A project's iterations",
    path: '/{projectId}/iterations',
    ids: [PROJECT_ID],
    schema: 'IterationList',
  },
] as const;

const GET_ITERATION = {
  operationId: 'GetIteration',
  summary: 'An iteration',
  path: '/{projectId}/iterations/{iterationId}',
  ids: [PROJECT_ID, ITERATION_ID],
  schema: 'Iteration',
} as const;

export const LOOK_UP_PATHS = {
  '/resources': {
    get: {
      operationId: 'listResources',
      summary: 'The names of the Custom Vision resources on which the caller has a grant',
      responses: {
        200: {
          description: 'Granted resources only.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/ResourceList' } } },
        },
        ...responses({ 401: 'Unauthorized', 403: 'Forbidden', 500: 'Unexpected', 503: 'LookUpUnavailable' }),
      },
    },
  },
  ...Object.fromEntries(
    LOOK_UPS.flatMap((lookUp) => [
      [`${PROJECTS_ROUTE}${lookUp.path}`, { get: onDefault(lookUp) }],
      [`/{resource}${PROJECTS_ROUTE}${lookUp.path}`, { get: onNamed(lookUp) }],
    ]),
  ),
};

/** They share their paths with the renames. */
export const GET_ITERATION_OPERATIONS = {
  onDefault: { get: onDefault(GET_ITERATION) },
  onNamed: { get: onNamed(GET_ITERATION) },
};

type LookUpOperation = (typeof LOOK_UPS)[number] | typeof GET_ITERATION;

function onDefault(lookUp: LookUpOperation) {
  return operation(lookUp, lookUp.operationId, [VERSION, ...lookUp.ids, RESOURCE_HEADER]);
}

function onNamed(lookUp: LookUpOperation) {
  return operation(lookUp, `${lookUp.operationId}OfResource`, [RESOURCE, VERSION, ...lookUp.ids]);
}

function operation(
  { summary, schema: name }: LookUpOperation,
  operationId: string,
  parameters: readonly object[],
) {
  const found = { schema: { $ref: `#/components/schemas/${name}` } };
  return {
    operationId,
    summary,
    parameters,
    responses: {
      200: {
        description: `As Custom Vision shows it now: at most ${LOOK_UP_MAX_MIB} MiB.`,
        content: { 'application/json': found, 'application/xml': found, 'text/xml': found },
      },
      ...responses({
        400: 'BadRequest',
        401: 'Unauthorized',
        403: 'Forbidden',
        404: 'NotFound',
        429: 'LookUpThrottled',
        500: 'Unexpected',
        502: 'LookUpFailed',
        503: 'LookUpUnavailable',
        504: 'LookUpUnanswered',
        default: 'UpstreamRefusal',
      }),
    },
  };
}
