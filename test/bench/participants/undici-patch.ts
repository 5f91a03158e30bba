import { Agent, request } from 'undici';
import { iterationPath, type Participant } from './participant.ts';

/** The floor without audit: a PATCH with the key in hand. */
export const participant: Participant = {
  async createRename({ upstream, trainingKey, projectId }) {
    const dispatcher = new Agent({ connections: 64, keepAliveTimeout: 60_000 });
    const headers = { 'training-key': trainingKey, 'content-type': 'application/json' };
    return async (iterationId, name) => {
      const { statusCode, body } = await request(`${upstream}${iterationPath(projectId, iterationId)}`, {
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
