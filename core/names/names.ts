import { createHash } from 'node:crypto';
import { PloinkyError } from '../errors/ploinky-error.ts';

/** Words that every JavaScript object understands as more than a key; refused as names everywhere. */
const reserved = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);
const plainName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;
const hostLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const pathSegment = /^[A-Za-z0-9_~][A-Za-z0-9._~-]{0,99}$/;

/**
 * A name of an agent, repository, command or key: letters, digits, dot, dash, underscore; no leading dot
 * or dash; 100 characters at most.
 * @throws PloinkyError INVALID_NAME
 */
export function parseName(value: string, what: string): string {
  if (reserved.has(value)) refuseReserved(value, `a valid ${what} name`);
  if (!plainName.test(value) || value.includes('..')) {
    throw new PloinkyError('INVALID_NAME', `${quote(value)} is not a valid ${what} name.`);
  }
  return value;
}

function refuseReserved(word: string, wanted: string): never {
  throw new PloinkyError('INVALID_NAME', `${quote(word)} is a reserved word and not ${wanted}.`, {
    hint: 'Choose another name.',
  });
}

/** A name of a secret: 64 characters at most, since files are called after it. @throws PloinkyError INVALID_NAME */
export function parseSecretName(value: string): string {
  const name = parseName(value, 'secret');
  if (name.length <= 64) return name;
  throw new PloinkyError('INVALID_NAME', `${quote(value)} is too long for the name of a secret.`, {
    hint: 'Use at most 64 characters.',
  });
}

/** A host name, lower case, without port. @throws PloinkyError INVALID_NAME */
export function parseDomain(value: string): string {
  const name = value.toLowerCase().replace(/\.$/, '');
  if (name.length === 0 || name.length > 253 || !name.split('.').every((label) => hostLabel.test(label))) {
    throw new PloinkyError('INVALID_NAME', `${quote(value)} is not a valid host name.`, {
      hint: 'Give a host name such as localhost or agents.example.org, without scheme and port.',
    });
  }
  return name;
}

/** One leading slash, no trailing one; `/` for the root. @throws PloinkyError INVALID_NAME */
export function parsePath(value: string): string {
  const segments = value.split('/').filter((segment) => segment.length > 0);
  const word = segments.find((segment) => reserved.has(segment));
  if (word !== undefined) refuseReserved(word, 'part of a valid path');
  if (segments.length > 8 || !segments.every((s) => pathSegment.test(s) && !s.includes('..'))) {
    throw new PloinkyError('INVALID_NAME', `${quote(value)} is not a valid path.`, {
      hint: 'Use up to 8 segments of letters, digits, dot, dash and underscore, for example /demo.',
    });
  }
  return `/${segments.join('/')}`;
}

/** `<domain><path>`, for example `localhost/demo`. Takes parsed parts. */
export function deploymentId(domain: string, path: string): string {
  return `${domain}${path}`;
}

export function releaseId(deployment: string, n: number): string {
  return `${deployment}#${n}`;
}

/** Whether an engine's name for something was made for that cloud. */
export function isNameIn(name: string, cloudId: string): boolean {
  return name.startsWith('ploinky-') && `${name}-`.includes(`-${cloudMark(cloudId)}-`);
}

/** Keeps what several clouds make in one engine apart. */
function cloudMark(cloudId: string): string {
  return cloudId.slice(0, 6).toLowerCase();
}

/**
 * Name of a release's container, the same every time: `ploinky-<domain>-<path>-<release>-<cloud>`, and
 * `…-<release>.<replica>-<cloud>` from the second replica on. Where the readable part would not be unique (`/a-b` and
 * `/a/b`), a hash of the deployment stands before the release.
 */
export function containerName(deployment: string, n: number, cloudId: string, replica = 1): string {
  const which = replica === 1 ? `${n}` : `${n}.${replica}`;
  return `ploinky-${deploymentKey(deployment)}-${which}-${cloudMark(cloudId)}`;
}

/**
 * Name of the private network of a deployment in the engine. It and those of volumes hold the cloud, so that two clouds
 * on one engine share nothing.
 */
export function networkName(deployment: string, cloudId: string): string {
  return `ploinky-${deploymentKey(deployment)}-${cloudMark(cloudId)}`;
}

/** Name in the engine of a volume that the manifest calls `volume`. */
export function volumeName(deployment: string, volume: string, cloudId: string): string {
  return `ploinky-${deploymentKey(deployment)}-${volume}-${cloudMark(cloudId)}`;
}

/**
 * The deployment as one safe part of a file, ref or container name: at most 40 characters of `[a-z0-9.-]`.
 * Distinct deployments have distinct keys: a key without a hash holds one dash and does not end like a hash.
 */
export function deploymentKey(deployment: string): string {
  const slash = deployment.indexOf('/');
  const domain = deployment.slice(0, slash);
  const path = deployment.slice(slash + 1);
  const plain = `${domain}-${path}`;
  const unmistakable = /^[a-z0-9.]+$/.test(domain) && /^[a-z0-9]+$/.test(path) && !/^[0-9a-f]{8}$/.test(path);
  if (unmistakable && path !== 'root' && plain.length <= 40) return plain;
  const readable = `${domain}-${path === '' ? 'root' : path}`
    .toLowerCase()
    .replace(/[^a-z0-9.]+|\.{2,}/g, '-')
    .slice(0, 31)
    .replace(/[-.]+$/, '');
  return `${readable}-${createHash('sha256').update(deployment).digest('hex').slice(0, 8)}`;
}

/** For messages: control characters made visible, shortened. */
export function quote(value: string): string {
  const shown = JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  return shown.replace(/[\u007f-\u009f\u2028-\u202e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
