import type { FromSchema, JSONSchema } from 'json-schema-to-ts';

/**
 * The service's Iteration model, in the order of its reference page (Custom Vision Training 3.2,
 * UpdateIteration), with what v3.4 adds. Allows what the service does: null for what an iteration does not
 * have yet, and properties of newer API versions.
 */
export const iterationSchema = {
  $id: 'Iteration',
  type: 'object',
  required: ['id', 'name'],
  properties: {
    id: { type: 'string', format: 'uuid', description: 'The id of the iteration.' },
    name: { type: 'string', description: 'The name of the iteration.' },
    status: { type: ['string', 'null'], description: 'The current iteration status.' },
    created: { type: ['string', 'null'], description: 'The time this iteration was completed.' },
    lastModified: { type: ['string', 'null'], description: 'The time this iteration was last modified.' },
    trainedAt: { type: ['string', 'null'], description: 'The time this iteration was last trained.' },
    projectId: { type: ['string', 'null'], description: 'The project id of the iteration.' },
    exportable: { type: ['boolean', 'null'], description: 'Whether the iteration can be exported.' },
    exportableTo: {
      type: ['array', 'null'],
      items: { type: 'string' },
      description: 'The platforms this iteration can be exported to.',
    },
    domainId: { type: ['string', 'null'], description: 'The domain the iteration was trained on.' },
    classificationType: { type: ['string', 'null'], description: 'The classification type of the project.' },
    trainingType: { type: ['string', 'null'], description: 'The training type of the iteration.' },
    reservedBudgetInHours: { type: ['integer', 'null'], description: 'The reserved training budget.' },
    trainingTimeInMinutes: { type: ['integer', 'null'], description: 'The time the training took.' },
    publishName: { type: ['string', 'null'], description: 'The name of the published model.' },
    originalPublishResourceId: {
      type: ['string', 'null'],
      description: 'The prediction resource this iteration was first published to.',
    },
    customBaseModelInfo: {
      type: ['object', 'null'],
      description: 'The iteration that this one was trained from. From v3.4 on.',
    },
    trainingErrorDetails: {
      type: ['string', 'null'],
      description: 'Why the training failed. From v3.4 on.',
    },
  },
} as const satisfies JSONSchema;

export type Iteration = FromSchema<typeof iterationSchema>;
