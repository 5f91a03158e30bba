import { TrainingAPIClient } from '@azure/cognitiveservices-customvision-training';
import { ApiKeyCredentials } from '@azure/ms-rest-js';

export async function renameBySdk(
  { endpoint, key }: { endpoint: string; key: string },
  { projectId, iterationId, name }: { projectId: string; iterationId: string; name: string },
) {
  const credentials = new ApiKeyCredentials({ inHeader: { 'Training-key': key } });
  const client = new TrainingAPIClient(credentials, endpoint);
  return client.updateIteration(projectId, iterationId, { name });
}
