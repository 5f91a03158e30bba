import { API_VERSION_PATTERN } from '../custom-vision/api-version.ts';

/** As in the service, on the default resource; `/{resource}` before it names another. */
export const PROJECTS_ROUTE = '/customvision/{apiVersion}/training/projects';

export const pathParameter = (name: string, schema: object, description: string) => ({
  name,
  in: 'path',
  required: true,
  schema,
  description,
});

export const VERSION = pathParameter(
  'apiVersion',
  { type: 'string', pattern: API_VERSION_PATTERN },
  'Forwarded as given.',
);
export const RESOURCE = pathParameter(
  'resource',
  { type: 'string' },
  'The name of a Custom Vision resource.',
);
export const RESOURCE_HEADER = {
  name: 'Custom-Vision-Resource',
  in: 'header',
  schema: { type: 'string' },
  description: 'The name of a Custom Vision resource, for clients that drop the path of an endpoint.',
};
