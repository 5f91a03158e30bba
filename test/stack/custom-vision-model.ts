import { randomUUID } from 'node:crypto';

/**
 * The `Iteration` of Custom Vision Training 3.2; its properties stand in the order of the published schema.
 */
export interface SimulatedIteration {
  id: string;
  name: string;
  status: 'New' | 'Training' | 'Completed' | 'Failed';
  created: string;
  lastModified: string;
  trainedAt: string | null;
  projectId: string;
  exportable: boolean;
  exportableTo: string[];
  domainId: string | null;
  classificationType: 'Multiclass' | 'Multilabel' | null;
  trainingType: 'Regular' | 'Advanced';
  reservedBudgetInHours: number;
  trainingTimeInMinutes: number;
  publishName: string | null;
  originalPublishResourceId: string | null;
}

/** The `Project` of Custom Vision Training 3.4-preview, in the order of its schema. */
export interface SimulatedProject {
  id: string;
  name: string;
  description: string;
  settings: {
    domainId: string;
    classificationType: 'Multiclass' | 'Multilabel' | null;
    targetExportPlatforms: string[];
    useNegativeSet: boolean;
    detectionParameters: string | null;
    imageProcessingSettings: { augmentationMethods: Record<string, boolean> } | null;
  };
  created: string;
  lastModified: string;
  thumbnailUri: string | null;
  drModeEnabled: boolean;
  status: 'Succeeded' | 'Importing' | 'Failed';
}

export type ProjectSeed = Partial<Pick<SimulatedProject, 'id' | 'name' | 'description'>>;

export function createProject(seed: ProjectSeed, nowMs: number): SimulatedProject {
  const at = new Date(nowMs - HOUR_MS).toISOString();
  const id = seed.id?.toLowerCase() ?? randomUUID();
  return {
    id,
    name: seed.name ?? `Project ${id.slice(0, 8)}`,
    description: seed.description ?? '',
    settings: {
      domainId: GENERAL_COMPACT_DOMAIN,
      classificationType: 'Multiclass',
      targetExportPlatforms: ['CoreML', 'ONNX'],
      useNegativeSet: true,
      detectionParameters: null,
      imageProcessingSettings: { augmentationMethods: { rotation: true, scaling: false } },
    },
    created: at,
    lastModified: at,
    thumbnailUri: null,
    drModeEnabled: false,
    status: 'Succeeded',
  };
}

/** The "General (compact)" classification domain of the service, whose iterations can be exported. */
const GENERAL_COMPACT_DOMAIN = '0732100f-1a38-4e49-a514-c9b44c697ab5';

const HOUR_MS = 60 * 60 * 1000;

export type IterationSeed = Pick<SimulatedIteration, 'name'> & Partial<SimulatedIteration>;

export function createIteration({
  seed,
  projectId,
  nowMs,
}: {
  seed: IterationSeed;
  projectId: string;
  nowMs: number;
}): SimulatedIteration {
  // Trained before the story begins, and not touched since.
  const at = new Date(nowMs - HOUR_MS).toISOString();
  return {
    id: seed.id ?? randomUUID(),
    name: seed.name,
    status: seed.status ?? 'Completed',
    created: seed.created ?? at,
    lastModified: seed.lastModified ?? at,
    trainedAt: seed.trainedAt === undefined ? at : seed.trainedAt,
    projectId,
    exportable: seed.exportable ?? true,
    exportableTo: seed.exportableTo ?? ['CoreML', 'TensorFlow', 'DockerFile', 'ONNX', 'VAIDK'],
    domainId: seed.domainId === undefined ? GENERAL_COMPACT_DOMAIN : seed.domainId,
    classificationType: seed.classificationType === undefined ? 'Multiclass' : seed.classificationType,
    trainingType: seed.trainingType ?? 'Regular',
    reservedBudgetInHours: seed.reservedBudgetInHours ?? 0,
    trainingTimeInMinutes: seed.trainingTimeInMinutes ?? 7,
    publishName: seed.publishName ?? null,
    originalPublishResourceId: seed.originalPublishResourceId ?? null,
  };
}
