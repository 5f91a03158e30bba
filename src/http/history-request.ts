import type { HttpRequest } from '@azure/functions';
import type { HistoryQuery } from '../rename/rename-history.ts';
import { parseContinuation } from './continuation.ts';
import { parseIds } from './parse-ids.ts';
import { type Fault, RequestError } from './request-error.ts';

export const HISTORY_MAX_LIMIT = 1000;
export const HISTORY_DEFAULT_LIMIT = 100;

/** The platform reads a function key from `code` and `clientId`. */
const PARAMETERS = new Set(['iterationId', 'limit', 'continuation', 'code', 'clientId']);
const LIMIT = /^[1-9]\d{0,3}$/;

/** What a request for a project's history asks for. Throws a `RequestError` that lists every fault. */
export function parseHistoryRequest(
  request: Pick<HttpRequest, 'params' | 'query'>,
): Omit<HistoryQuery, 'resources'> {
  const iteration = request.query.get('iterationId');
  const project = { projectId: request.params['projectId'] };
  const { projectId, iterationId } =
    iteration === null
      ? { ...parseIds(project), iterationId: null }
      : parseIds({ ...project, iterationId: iteration });
  const faults: Fault[] = [];
  for (const path of new Set(request.query.keys())) {
    // Ignoring a misspelt filter would silently show more than was asked for.
    if (!PARAMETERS.has(path)) faults.push({ path, message: 'is not a parameter of this listing' });
  }
  const limit = request.query.get('limit') ?? String(HISTORY_DEFAULT_LIMIT);
  if (!LIMIT.test(limit) || Number(limit) > HISTORY_MAX_LIMIT) {
    faults.push({ path: 'limit', message: `must be a whole number from 1 to ${HISTORY_MAX_LIMIT}` });
  }
  const token = request.query.get('continuation');
  const after = token === null ? null : parseContinuation(token, { projectId, iterationId });
  if (token !== null && after === null) {
    faults.push({ path: 'continuation', message: 'must come from an earlier page of the same listing' });
  }
  if (faults.length > 0) {
    throw new RequestError(
      'invalid_request',
      `Not acceptable: ${faults.map(({ path }) => path.slice(0, 100)).join(', ')}.`,
      faults.map(({ path, message }) => ({ path: path.slice(0, 100), message })),
    );
  }
  return { projectId, iterationId, limit: Number(limit), after };
}
