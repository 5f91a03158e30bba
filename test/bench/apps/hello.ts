import { app } from '@azure/functions';

// The smallest function: the cold start without any code of the product.

app.http('hello', {
  route: 'customvision/{apiVersion}/training/projects/{projectId}/iterations/{iterationId}',
  methods: ['PATCH'],
  authLevel: 'function',
  handler: async () => ({ jsonBody: { hello: 'world' } }),
});
