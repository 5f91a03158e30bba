import { curlCommand, showExchange, showRecord, type Session, type ShownRequest } from './session.ts';

/**
 * Renames a sample iteration and shows all three sides of it: the caller's, the upstream's, and the audit
 * record.
 */
export async function renameIteration(session: Session): Promise<void> {
  const { stack, print } = session;
  const { sample, customVision } = stack;
  const [iteration, other] = sample.iterations;

  print(`\nRename "${iteration.name}" to "Release 1"\n`);
  const { status, headers } = await showExchange(
    session,
    renameRequest(sample.id, iteration.id, 'Release 1'),
  );
  const renameId = headers.get('rename-id');
  if (status !== 200 || renameId === null) throw new Error(`the rename was answered with ${status}`);

  print('\nWhat reached the upstream\n');
  for (const { method, path, body, status: answered } of customVision.journal)
    print(`  ${method} ${path} ${body} -> ${answered ?? 'no answer'}`);
  print('  each with the training key, which only Key Vault handed out');

  print('\nThe audit record in table "renames"\n');
  await showRecord(session, { projectId: sample.id, renameId });

  print('\nMore to try\n');
  const projects = '/customvision/v3.2/training/projects';
  print('  # the projects, and the iterations of one, by their names');
  print(indentCommand(curlCommand(session, { method: 'GET', path: projects })));
  print(indentCommand(curlCommand(session, { method: 'GET', path: `${projects}/${sample.id}/iterations` })));
  print(indentCommand(curlCommand(session, renameRequest(sample.id, other.id, 'Candidate'))));
  print('  # a name that is taken: 400 BadRequestIterationNameNotUnique');
  print(indentCommand(curlCommand(session, renameRequest(sample.id, other.id, 'Release 1'))));
  print('  # not an acceptable name: 400 with every fault listed');
  print(indentCommand(curlCommand(session, renameRequest(sample.id, other.id, ' padded '))));
}

/** On the default resource. */
export function renameRequest(projectId: string, iterationId: string, name: string): ShownRequest {
  return {
    method: 'PATCH',
    path: `/customvision/v3.2/training/projects/${projectId}/iterations/${iterationId}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  };
}

function indentCommand(command: string): string {
  return `  ${command}\n`;
}
