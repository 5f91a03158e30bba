import { expect, it } from 'vitest';
import { isSameName } from '../../src/rename/same-name.ts';

it.each([
  { shown: 'v1', requested: 'v1', same: true },
  { shown: 'line 3', requested: 'line  3', same: true },
  { shown: 'line 3', requested: 'line\u00A03', same: true },
  { shown: 'v1', requested: ' v1 ', same: true },
  { shown: 'é', requested: 'e\u0301', same: true },
  { shown: 'V1', requested: 'v1', same: false },
  { shown: 'line3', requested: 'line 3', same: false },
  { shown: 'v1', requested: 'v2', same: false },
])('"$shown" for "$requested" is the same name: $same', ({ shown, requested, same }) => {
  expect(isSameName(shown, requested)).toBe(same);
});
