import type { FromSchema, JSONSchema } from 'json-schema-to-ts';

/**
 * The service's Project model, in the order of its description (Custom Vision Training 3.4-preview,
 * GetProject). Allows what the service does: null for what a project does not have, and properties of newer
 * API versions.
 */
export const projectSchema = {
  $id: 'Project',
  type: 'object',
  required: ['id', 'name'],
  properties: {
    id: { type: 'string', format: 'uuid', description: 'The id of the project.' },
    name: { type: 'string', description: 'The name of the project.' },
    description: { type: ['string', 'null'], description: 'The description of the project.' },
    settings: { type: ['object', 'null'], description: 'The project settings.' },
    created: { type: ['string', 'null'], description: 'The date this project was created.' },
    lastModified: { type: ['string', 'null'], description: 'The date this project was last modified.' },
    thumbnailUri: { type: ['string', 'null'], description: 'The thumbnail image of the project.' },
    drModeEnabled: { type: ['boolean', 'null'], description: 'Whether it is in disaster recovery mode.' },
    status: { type: ['string', 'null'], description: 'The status of the project.' },
  },
} as const satisfies JSONSchema;

export type Project = FromSchema<typeof projectSchema>;
