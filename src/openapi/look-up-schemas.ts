import { iterationSchema } from '../custom-vision/iteration.schema.ts';
import { projectSchema } from '../custom-vision/project.schema.ts';

export const ITERATION_EXAMPLE = {
  id: 'a1b2c3d4-0001-4000-8000-000000000001',
  name: 'v4.1 line-3 approved',
  status: 'Completed',
  created: '2026-11-20T08:12:31.203Z',
  lastModified: '2026-11-24T09:30:00.000Z',
  trainedAt: '2026-11-20T08:31:04.117Z',
  projectId: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
  exportable: false,
  domainId: 'ee85a74c-405e-4adc-bb47-ffa8ca0c9f31',
  trainingType: 'Regular',
  reservedBudgetInHours: 0,
  publishName: null,
} as const;

const PROJECT_EXAMPLE = {
  id: ITERATION_EXAMPLE.projectId,
  name: 'Line 3, surface defects',
  description: 'Scratches and dents on housings',
  settings: { domainId: ITERATION_EXAMPLE.domainId, classificationType: 'Multiclass' },
  created: '2026-10-02T07:00:00.000Z',
  lastModified: '2026-11-24T09:30:00.000Z',
  drModeEnabled: false,
  status: 'Succeeded',
} as const;

const { $id: _iteration, ...iteration } = iterationSchema;
const { $id: _project, ...project } = projectSchema;

/** The service's models, by which the app judges its answers, and lists of them. */
export const LOOK_UP_SCHEMAS = {
  Iteration: { ...iteration, xml: { name: 'Iteration' }, examples: [ITERATION_EXAMPLE] },
  Project: { ...project, xml: { name: 'Project' }, examples: [PROJECT_EXAMPLE] },
  ProjectList: listOf('Project', PROJECT_EXAMPLE),
  IterationList: listOf('Iteration', ITERATION_EXAMPLE),
  ResourceList: {
    type: 'object',
    required: ['resources'],
    properties: {
      resources: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name'],
          properties: { name: { type: 'string' } },
          additionalProperties: false,
        },
      },
    },
    additionalProperties: false,
    examples: [{ resources: [{ name: 'default' }, { name: 'line-3' }] }],
  },
} as const;

/** The example has no dates: Microsoft.OpenApi.Readers cannot tell that those in a list are text. */
function listOf(
  model: 'Project' | 'Iteration',
  { id, name }: { readonly id: string; readonly name: string },
) {
  return {
    type: 'array',
    items: { $ref: `#/components/schemas/${model}` },
    xml: { name: `ArrayOf${model}`, wrapped: true },
    examples: [[{ id, name }]],
  } as const;
}
