import { readFileSync } from 'node:fs';
import { renameBySdk } from './rename-by-sdk.ts';
import type { Session } from './session.ts';

/** The code of an existing client, as it is: only what it is given as endpoint and key differs. */
export async function renameByOfficialSdk({ stack, url, credential, print }: Session): Promise<void> {
  const key = credential['Training-Key'] ?? '';
  const { sample } = stack;
  const [, iteration] = sample.iterations;
  const code = readFileSync(new URL('rename-by-sdk.ts', import.meta.url), 'utf8');
  print("\nThe official SDK: an existing client's own code\n");
  print(code.trimEnd().replaceAll(/^/gm, '  '));
  print(`\nwith the endpoint and the key changed, and nothing else

  endpoint  https://REGION.api.cognitive.microsoft.com  ->  ${url}
  key       the training key of the resource            ->  ${key}
`);
  const renamed = await renameBySdk(
    { endpoint: url, key },
    { projectId: sample.id, iterationId: iteration.id, name: 'Candidate 1' },
  );
  print(
    `  "${iteration.name}" is now "${renamed.name}", last modified ${renamed.lastModified?.toISOString()}`,
  );
}
