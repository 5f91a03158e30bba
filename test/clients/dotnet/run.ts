import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startWebhookProxy } from '../../webhooks/webhook-proxy.ts';

// Builds and runs the .NET clients against the built app; fails where one of them does.
const folder = mkdtempSync(path.join(tmpdir(), 'dotnet-clients-'));
const proxy = await startWebhookProxy();
try {
  cpSync(import.meta.dirname, folder, { recursive: true });
  const description = await fetch(`${proxy.app.url}/openapi.json?version=3.0`);
  writeFileSync(path.join(folder, 'openapi.json'), await description.text());
  const { projectId, iterationId } = proxy.seed();
  const env = {
    ...process.env,
    DOTNET_CLI_TELEMETRY_OPTOUT: '1',
    PROXY: proxy.app.url,
    FUNCTION_KEY: proxy.app.functionKey,
    PROJECT: projectId,
    ITERATION: iterationId,
    TABLES: proxy.stack.azurite.connectionString,
  };
  const dotnet = async (...args: string[]): Promise<void> => {
    const child = spawn('dotnet', args, { cwd: folder, env, stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`dotnet ${args.join(' ')} failed`);
  };
  await dotnet('tool', 'restore');
  const generated = '/input:openapi.json /output:ProxyClient.cs /className:ProxyClient /namespace:Generated';
  await dotnet('nswag', 'openapi2csclient', ...generated.split(' '), '/generateNullableReferenceTypes:true');
  await dotnet('run', '--project', 'clients.csproj');
} finally {
  await proxy.stop();
  rmSync(folder, { recursive: true, force: true });
}
