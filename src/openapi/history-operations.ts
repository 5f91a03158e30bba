import { HISTORY_DEFAULT_LIMIT, HISTORY_MAX_LIMIT } from '../http/history-request.ts';
import { responses } from './responses.ts';

const uuid = { type: 'string', format: 'uuid' };
const PROJECT_ID = { name: 'projectId', in: 'path', required: true, schema: uuid };

export const HISTORY_PATHS = {
  '/projects/{projectId}/renames': {
    get: {
      operationId: 'listRenames',
      summary: "A project's audit records, newest first",
      parameters: [
        PROJECT_ID,
        { name: 'iterationId', in: 'query', schema: uuid, description: 'Only those of this iteration.' },
        {
          name: 'limit',
          in: 'query',
          schema: { type: 'integer', minimum: 1, maximum: HISTORY_MAX_LIMIT, default: HISTORY_DEFAULT_LIMIT },
        },
        {
          name: 'continuation',
          in: 'query',
          schema: { type: 'string' },
          description: 'From an earlier page of the same listing.',
        },
      ],
      responses: {
        200: {
          description: 'One page. It may have fewer records than `limit` without being the last.',
          headers: {
            Link: { description: 'The next page (RFC 8288).', schema: { type: 'string' } },
          },
          content: {
            'application/json': { schema: { $ref: '#/components/schemas/RenameList' } },
            'text/csv': { schema: { type: 'string' } },
          },
        },
        ...responses({
          400: 'BadRequest',
          401: 'Unauthorized',
          403: 'Forbidden',
          500: 'Unexpected',
          503: 'Unavailable',
        }),
      },
    },
  },
  '/projects/{projectId}/renames/{renameId}': {
    get: {
      operationId: 'showRename',
      summary: 'One audit record: the status of a rename',
      parameters: [PROJECT_ID, { name: 'renameId', in: 'path', required: true, schema: { type: 'string' } }],
      responses: {
        200: {
          description: 'The record.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Rename' } } },
        },
        ...responses({
          400: 'BadRequest',
          401: 'Unauthorized',
          403: 'Forbidden',
          404: 'NotFound',
          500: 'Unexpected',
          503: 'Unavailable',
        }),
      },
    },
  },
};
