export interface SampleProject {
  id: string;
  name: string;
  description: string;
  iterations: [SampleIteration, SampleIteration, SampleIteration];
}

export interface SampleIteration {
  id: string;
  name: string;
}

/** The same ids each time, so that a command can be pasted again after a restart. */
export function sampleProject(): SampleProject {
  return {
    id: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
    name: 'Line 3, surface defects',
    description: 'Scratches and dents on housings',
    iterations: [
      { id: 'a1b2c3d4-0001-4000-8000-000000000001', name: 'Iteration 1' },
      { id: 'a1b2c3d4-0002-4000-8000-000000000002', name: 'Iteration 2' },
      { id: 'a1b2c3d4-0003-4000-8000-000000000003', name: 'Iteration 3' },
    ],
  };
}

/** Another one, so that there is something to choose from. */
export function otherSampleProject(): Pick<SampleProject, 'id' | 'name' | 'description'> & {
  iterations: readonly SampleIteration[];
} {
  return {
    id: '7c4f1e0a-2b5d-4c8e-9f60-31d2a7b8c901',
    name: 'Line 5, label check',
    description: 'Labels that are missing, skewed or torn',
    iterations: [{ id: 'a1b2c3d4-0005-4000-8000-000000000001', name: 'Iteration 1' }],
  };
}
