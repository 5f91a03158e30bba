import { TrainingAPIClient } from '@azure/cognitiveservices-customvision-training';
import { ApiKeyCredentials } from '@azure/ms-rest-js';
import { target } from './target.ts';

const { url, key, projectId, iterationId, name } = target();
const credentials = new ApiKeyCredentials({ inHeader: { 'x-functions-key': key } });
const iteration = await new TrainingAPIClient(credentials, url).updateIteration(projectId, iterationId, {
  name,
});
console.log(iteration._response.status, iteration.name);
