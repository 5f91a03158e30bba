export interface SampleProject {
  id: string;
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
    iterations: [
      { id: 'a1b2c3d4-0001-4000-8000-000000000001', name: 'Iteration 1' },
      { id: 'a1b2c3d4-0002-4000-8000-000000000002', name: 'Iteration 2' },
      { id: 'a1b2c3d4-0003-4000-8000-000000000003', name: 'Iteration 3' },
    ],
  };
}
