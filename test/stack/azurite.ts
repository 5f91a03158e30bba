import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import type { LoopbackCertificate } from './loopback-certificate.ts';

export interface Azurite {
  /** With the account in the path, as in `http://127.0.0.1:PORT/devstoreaccount1`. */
  tableEndpoint: string;
  queueEndpoint: string;
  blobEndpoint: string;
  connectionString: string;
  pid: number;
  stop(): Promise<void>;
}

const ACCOUNT = 'devstoreaccount1';
/**
 * The emulator's well-known key, the same on every machine:
 * https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
 */
const ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/**
 * Over TLS it takes bearer tokens too (their claims are read, not their signature), as identity-based
 * connections send them. `accounts`: more accounts beside the usual one, for `ofAccount`.
 */
export async function startAzurite({
  tls,
  accounts = [],
}: { tls?: LoopbackCertificate; accounts?: readonly string[] } = {}): Promise<Azurite> {
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const child = spawn(
    process.execPath,
    [
      '--import',
      new URL('end-with-parent.ts', import.meta.url).href,
      program,
      '--inMemoryPersistence',
      '--silent',
      '--disableTelemetry',
      '--skipApiVersionCheck',
      '--disableProductStyleUrl',
      // An hour rather than 5 s: a connection closed under a client would be a fault that no test asked for.
      '--tableKeepAliveTimeout',
      '3600',
      '--queueKeepAliveTimeout',
      '3600',
      '--blobPort',
      '0',
      '--queuePort',
      '0',
      '--tablePort',
      '0',
      ...(tls === undefined ? [] : ['--oauth', 'basic', '--cert', tls.certFile, '--key', tls.keyFile]),
    ],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: tmpdir(),
      env: {
        PATH: process.env['PATH'],
        AZURITE_ACCOUNTS: [ACCOUNT, ...accounts].map((name) => `${name}:${ACCOUNT_KEY}`).join(';'),
      },
    },
  );
  const exited = once(child, 'exit');

  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };

  const endpoints = new Map<string, string>();
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString('utf8');
  };
  child.stderr.on('data', collect);
  const listening = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      collect(chunk);
      for (const [, name, origin] of output.matchAll(
        /Azurite (\w+) service is successfully listening at (\S+)/g,
      )) {
        if (name !== undefined && origin !== undefined)
          endpoints.set(name.toLowerCase(), `${origin}/${ACCOUNT}`);
      }
      if (endpoints.size === 3) resolve();
    });
  });
  const failed = exited.then(() =>
    Promise.reject(new Error(`Azurite ended before it was ready:\n${output}`)),
  );
  failed.catch(() => {});
  await Promise.race([listening, failed]);

  const [tableEndpoint = '', queueEndpoint = '', blobEndpoint = ''] = ['table', 'queue', 'blob'].map((name) =>
    endpoints.get(name),
  );
  const connectionString = storageConnectionString({ tableEndpoint, queueEndpoint, blobEndpoint });
  return { tableEndpoint, queueEndpoint, blobEndpoint, connectionString, pid: child.pid ?? 0, stop };
}

/** The same endpoint or connection string for another account of the same Azurite. */
export function ofAccount(connection: string, account: string): string {
  return connection.replaceAll(ACCOUNT, account);
}

export function storageConnectionString(
  endpoints: Pick<Azurite, 'tableEndpoint' | 'queueEndpoint' | 'blobEndpoint'>,
): string {
  const { protocol, pathname } = new URL(endpoints.tableEndpoint);
  return [
    `DefaultEndpointsProtocol=${protocol.slice(0, -1)}`,
    `AccountName=${pathname.slice(1)}`,
    `AccountKey=${ACCOUNT_KEY}`,
    `BlobEndpoint=${endpoints.blobEndpoint}`,
    `QueueEndpoint=${endpoints.queueEndpoint}`,
    `TableEndpoint=${endpoints.tableEndpoint}`,
  ].join(';');
}
