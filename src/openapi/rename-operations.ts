import { RENAME_BODY_MEDIA_TYPES } from '../http/rename-body.ts';
import { GET_ITERATION_OPERATIONS } from './look-up-operations.ts';
import { pathParameter, PROJECTS_ROUTE, RESOURCE, RESOURCE_HEADER, VERSION } from './parameters.ts';
import { responses } from './responses.ts';

const uuid = { type: 'string', format: 'uuid' };

const PATH_PARAMETERS = [
  VERSION,
  pathParameter('projectId', uuid, 'The project of the iteration.'),
  pathParameter('iterationId', uuid, 'The iteration to rename.'),
];

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  schema: { type: 'string', minLength: 1, maxLength: 257 },
  example: '"a6f1c1d2-release-42"',
  description:
    'A string of 1 to 255 printable ASCII characters, quoted or bare. Requests of one caller with the same key are one rename; later ones get the answer of the first.',
};

const ROUTE = `${PROJECTS_ROUTE}/{projectId}/iterations/{iterationId}`;

const iteration = { schema: { $ref: '#/components/schemas/Iteration' } };

/** What each way to rename answers, but for the media type of a body. */
const RESPONSES_OF_RENAME = {
  200: {
    description: 'The renamed iteration, as Custom Vision shows it.',
    headers: {
      'Rename-Id': { required: true, schema: { type: 'string' } },
      Location: { required: true, schema: { type: 'string' } },
      'Idempotency-Replayed': { schema: { type: 'string', enum: ['true'] } },
    },
    content: { 'application/json': iteration, 'application/xml': iteration, 'text/xml': iteration },
  },
  ...responses({
    400: 'BadRequest',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    411: 'LengthRequired',
    413: 'PayloadTooLarge',
    422: 'UnprocessableContent',
    429: 'TooManyRequests',
    500: 'Unexpected',
    502: 'BadGateway',
    503: 'Unavailable',
    504: 'GatewayTimeout',
    // Not 4XX, which generators of C# write as a number.
    default: 'UpstreamRefusal',
  }),
};

export const RENAME_PATHS = {
  [ROUTE]: {
    ...GET_ITERATION_OPERATIONS.onDefault,
    patch: operation('renameIteration', 'Rename an iteration', [
      ...PATH_PARAMETERS,
      RESOURCE_HEADER,
      IDEMPOTENCY_KEY,
    ]),
  },
  [`/{resource}${ROUTE}`]: {
    ...GET_ITERATION_OPERATIONS.onNamed,
    patch: operation('renameIterationOfResource', 'Rename an iteration of a named resource', [
      RESOURCE,
      ...PATH_PARAMETERS,
      IDEMPOTENCY_KEY,
    ]),
  },
  '/projects/{projectId}/renames/{renameId}/undo': {
    post: {
      operationId: 'undoRename',
      summary: 'Give an iteration its previous name back',
      description:
        "A rename to the record's `previousName`, with a record of its own that `undoes` the first. It takes no body. 409 where the iteration no longer has the name that the rename gave it, 422 where no previous name is known. A rename is undone once: whoever asks again gets the first answer.",
      parameters: [
        pathParameter('projectId', uuid, 'The project of the iteration.'),
        pathParameter('renameId', { type: 'string' }, 'The rename to undo.'),
      ],
      responses: RESPONSES_OF_RENAME,
    },
  },
};

function operation(operationId: string, summary: string, parameters: readonly object[]) {
  const body = { schema: { $ref: '#/components/schemas/IterationUpdate' } };
  return {
    operationId,
    summary,
    parameters,
    requestBody: {
      required: true,
      content: Object.fromEntries(RENAME_BODY_MEDIA_TYPES.map((type) => [type, body])),
    },
    responses: { ...RESPONSES_OF_RENAME, ...responses({ 415: 'UnsupportedMediaType' }) },
  };
}
