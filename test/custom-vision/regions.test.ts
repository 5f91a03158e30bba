import { expect, it } from 'vitest';
import { regionalEndpoint, REGIONS } from '../../src/custom-vision/regions.ts';

it('are thirteen, each with an endpoint under the domain of the service and no other', () => {
  expect(new Set(REGIONS).size).toBe(13);
  for (const region of REGIONS) {
    expect(regionalEndpoint(region).href).toBe(`https://${region}.api.cognitive.microsoft.com/`);
  }
});
