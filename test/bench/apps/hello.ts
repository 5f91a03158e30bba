import { app } from '@azure/functions';

// The least that a function can be: what a cold start costs before any of ours is added.

app.http('hello', {
  route: 'customvision/{apiVersion}/training/projects/{projectId}/iterations/{iterationId}',
  methods: ['PATCH'],
  authLevel: 'function',
  handler: async () => ({ jsonBody: { hello: 'world' } }),
});
