import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { startRenameProxy } from '../../functions/rename-proxy.ts';

// Runs the official Python SDK against the built app; fails where it does. The first argument is the interpreter.
const [python = 'python3'] = process.argv.slice(2);
const proxy = await startRenameProxy({ callerAuthentication: 'caller-key', callers: ['line-3'] });
try {
  const { projectId, iterationId } = proxy.seed();
  const env = {
    ...process.env,
    PROXY: proxy.app.url,
    CALLER_KEY: proxy.stack.callerKeys['line-3'],
    PROJECT: projectId,
    ITERATION: iterationId,
  };
  const child = spawn(python, [path.join(import.meta.dirname, 'rename.py')], { env, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error('the Python SDK failed');
} finally {
  await proxy.stop();
}
