import { TableClient } from '@azure/data-tables';
import { TrainingAPIClient } from '@azure/cognitiveservices-customvision-training';
import { app } from '@azure/functions';
import { DefaultAzureCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { ApiKeyCredentials } from '@azure/ms-rest-js';

// The function as most would write it: fetches the secret each time, calls the SDK, then writes a row. It
// keeps none of the three promises.

const secrets = new SecretClient(process.env['KEY_VAULT_URI'] ?? '', new DefaultAzureCredential(), {
  disableChallengeResourceVerification: true,
});
const table = TableClient.fromConnectionString(process.env['RENAME_STORAGE'] ?? '', 'usual', {
  allowInsecureConnection: true,
});
const tableCreated = table.createTable();

app.http('rename', {
  route: 'customvision/{apiVersion}/training/projects/{projectId}/iterations/{iterationId}',
  methods: ['PATCH'],
  authLevel: 'function',
  handler: async (request, context) => {
    const { projectId = '', iterationId = '' } = request.params;
    const body: unknown = await request.json();
    const name =
      typeof body === 'object' && body !== null && 'name' in body && typeof body.name === 'string'
        ? body.name
        : '';
    const { value = '' } = await secrets.getSecret('training-key');
    const credentials = new ApiKeyCredentials({ inHeader: { 'Training-key': value } });
    const client = new TrainingAPIClient(credentials, process.env['UPSTREAM'] ?? '');
    const iteration = await client.updateIteration(projectId, iterationId, { name });
    await tableCreated;
    await table.createEntity({
      partitionKey: projectId,
      rowKey: `${Date.now()}-${context.invocationId}`,
      iterationId,
      name,
    });
    return { jsonBody: { ...iteration, _response: undefined } };
  },
});
