import { inject } from 'vitest';
import { shareParts } from './stack/shared-parts.ts';

// Loaded before each test file: its stacks take the parts that `share-parts.ts` has made.
const parts = inject('sharedParts');
shareParts(parts);
process.env['NODE_COMPILE_CACHE'] = parts.compileCache;
