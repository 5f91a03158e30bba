import { Pool } from 'undici';
import { iterationPath, type Participant } from './participant.ts';

/**
 * A PATCH to a function app. Uses `dispatch`, the cheapest
 * way for a client, because the client's time counts as the front's.
 */
export const participant: Participant = {
  async createRename({ front, projectId }) {
    if (front === null) throw new Error('this participant needs a front');
    const pool = new Pool(front.url, { connections: 64, keepAliveTimeout: 60_000 });
    const headers = { ...front.headers, 'content-type': 'application/json' };

    return (iterationId, name) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      let status = 0;
      let text = '';
      pool.dispatch(
        {
          path: iterationPath(projectId, iterationId),
          method: 'PATCH',
          headers,
          body: JSON.stringify({ name }),
        },
        {
          onRequestStart: () => {},
          onResponseStart: (_, statusCode) => {
            status = statusCode;
          },
          onResponseData: (_, chunk) => {
            text += chunk.toString('utf8');
          },
          onResponseEnd: () => (status === 200 ? resolve() : reject(new Error(`${status} ${text}`))),
          onResponseError: (_, error) => reject(error),
        },
      );
      return promise;
    };
  },
};
