import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface CoreTools {
  url: string;
  exited: Promise<unknown>;
  stop(): Promise<void>;
}

/** Runs the same app under Azure Functions Core Tools, where a person has `func` on the PATH. It asks for no function keys. */
export async function startCoreTools({
  appRoot,
  settings,
  port,
}: {
  appRoot: string;
  settings: Record<string, string>;
  port: number;
}): Promise<CoreTools> {
  // Environment variables win over local.settings.json.
  const child = spawn('func', ['start', '--port', String(port)], {
    cwd: appRoot,
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exited = once(child, 'exit').catch((error: unknown) => {
    throw new Error('Azure Functions Core Tools do not start: is `func` (version 4) on the PATH?', {
      cause: error,
    });
  });
  exited.catch(() => {});

  const url = `http://127.0.0.1:${port}`;
  const answers = async (): Promise<void> => {
    while (
      !(await fetch(`${url}/admin/host/status`).then(
        ({ ok }) => ok,
        () => false,
      ))
    )
      await sleep(250);
  };
  await Promise.race([
    answers(),
    exited.then(() => {
      throw new Error('Azure Functions Core Tools ended before the app was up.');
    }),
  ]);
  return {
    url,
    exited,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
