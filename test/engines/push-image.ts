import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const run = promisify(execFile);
const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';

/**
 * Puts a small image with one file into a registry, over the registry's own API and without an engine.
 * @param address `host:port`
 * @returns digest of its manifest, `sha256:…`
 */
export async function pushImage(address: string, repository: string, tag: string, content: string): Promise<string> {
  const layer = await layerWith(content);
  const configuration = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
      history: [{ created: '2026-01-01T00:00:00Z', created_by: 'test' }],
    }),
  );
  const packed = gzipSync(layer);
  const base = `http://${address}/v2/${repository}`;
  await pushBlob(base, configuration);
  await pushBlob(base, packed);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: part('application/vnd.docker.container.image.v1+json', configuration),
    layers: [part('application/vnd.docker.image.rootfs.diff.tar.gzip', packed)],
  });
  await must(`${base}/manifests/${tag}`, { method: 'PUT', headers: { 'content-type': manifestType }, body: manifest });
  return digestOf(Buffer.from(manifest));
}

/** Takes an image out of a registry again; its tags then lead nowhere. */
export async function deleteImage(address: string, repository: string, digest: string): Promise<void> {
  await must(`http://${address}/v2/${repository}/manifests/${digest}`, { method: 'DELETE' });
}

async function pushBlob(base: string, blob: Buffer): Promise<void> {
  const upload = await must(`${base}/blobs/uploads/`, { method: 'POST' });
  const target = new URL(upload.headers.get('location') ?? '', base);
  target.searchParams.set('digest', digestOf(blob));
  await must(target.href, { method: 'PUT', body: new Uint8Array(blob) });
}

async function layerWith(content: string): Promise<Buffer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pk-'));
  try {
    writeFileSync(path.join(folder, 'content'), content);
    const { stdout } = await run('tar', ['-C', folder, '-cf', '-', 'content'], { encoding: 'buffer' });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function must(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`${options.method} ${url}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
  return response;
}

function part(mediaType: string, bytes: Buffer) {
  return { mediaType, size: bytes.length, digest: digestOf(bytes) };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
