import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface LoopbackCertificate {
  /** PEM. */
  key: string;
  cert: string;
  /** Files of the same, for `NODE_EXTRA_CA_CERTS` and for Azurite; `remove` deletes them. */
  keyFile: string;
  certFile: string;
  remove(): Promise<void>;
}

/** A new self-signed certificate for 127.0.0.1 and localhost, valid for a day. */
export async function createLoopbackCertificate({
  now = Date.now,
}: { now?: () => number } = {}): Promise<LoopbackCertificate> {
  // A name of its own: of two trusted certificates with one name, OpenSSL checks only the first.
  const name = `localhost ${randomUUID()}`;
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    // A minute early, so that a clock just behind ours still takes it.
    notBeforeDate: new Date(now() - 60_000),
    notAfterDate: new Date(now() + 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });

  const folder = await mkdtemp(join(tmpdir(), 'loopback-certificate-'));
  const keyFile = join(folder, 'key.pem');
  const certFile = join(folder, 'cert.pem');
  await writeFile(keyFile, key, { mode: 0o600 });
  await writeFile(certFile, cert);
  return { key, cert, keyFile, certFile, remove: () => rm(folder, { recursive: true, force: true }) };
}
