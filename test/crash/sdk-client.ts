import { TrainingAPIClient } from '@azure/cognitiveservices-customvision-training';
import { ApiKeyCredentials } from '@azure/ms-rest-js';
import type { Asked } from './evidence.ts';
import { ASKED_HEADER, type FrontDoor } from './front-door.ts';

/** Renames by the official JavaScript SDK, with its default retries: it knows nothing of the proxy. */
export function createSdkClient({
  frontDoor,
  asked,
}: {
  readonly frontDoor: FrontDoor;
  readonly asked: readonly Asked[];
}): (one: Asked) => Promise<void> {
  return async (one) => {
    const credentials = new ApiKeyCredentials({
      inHeader: { 'Training-key': 'no key', [ASKED_HEADER]: String(asked.indexOf(one)) },
    });
    const { projectId, iterationId, name } = one;
    await new TrainingAPIClient(credentials, frontDoor.url)
      .updateIteration(projectId, iterationId, { name })
      .catch(() => {}); // listed by the front door
  };
}
