import { Agent, request } from 'undici';
import { iterationPath, type Participant } from './participant.ts';

/** A PATCH to whatever stands in front: the product, the usual function, a reverse proxy. */
export const participant: Participant = {
  async createRename({ front, projectId }) {
    if (front === null) throw new Error('nothing stands in front');
    const dispatcher = new Agent({ connections: 64, keepAliveTimeout: 60_000 });
    const headers = { ...front.headers, 'content-type': 'application/json' };
    return async (iterationId, name) => {
      const { statusCode, body } = await request(`${front.url}${iterationPath(projectId, iterationId)}`, {
        method: 'PATCH',
        headers,
        body: JSON.stringify({ name }),
        dispatcher,
      });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`${statusCode} ${text}`);
    };
  },
};
