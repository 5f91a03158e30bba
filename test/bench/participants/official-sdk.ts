import { TrainingAPIClient } from '@azure/cognitiveservices-customvision-training';
import { ApiKeyCredentials } from '@azure/ms-rest-js';
import type { Participant } from './participant.ts';

/** What people use instead: the official SDK with the key in hand. */
export const participant: Participant = {
  async createRename({ upstream, trainingKey, projectId }) {
    const credentials = new ApiKeyCredentials({ inHeader: { 'Training-key': trainingKey } });
    const client = new TrainingAPIClient(credentials, upstream);
    return async (iterationId, name) => {
      await client.updateIteration(projectId, iterationId, { name });
    };
  },
};
