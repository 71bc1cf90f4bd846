import type { PloinkyDraft } from '../core/events/catalogue.ts';
import type { Key } from '../projections/keys.ts';
import type { Views } from '../projections/views.ts';
import { accepted, type CommandOf, type Decision } from './commands.ts';
import { refused } from './refuse.ts';

export function createKey(command: CommandOf<'createKey'>): Decision {
  return accepted(keyCreated(command.keyId, command.keyHash));
}

/** The new key first, so that no moment is without one; then the old ones and their sessions end. */
export function rotateKey(views: Views, command: CommandOf<'rotateKey'>): Decision {
  const { keyId, newKeyId, newKeyHash } = command;
  const old = [...views.keys.values()].filter((k) => k.status === 'active' && (keyId === null || k.keyId === keyId));
  if (keyId !== null && old.length === 0) return noKey(keyId);
  return accepted(
    keyCreated(newKeyId, newKeyHash),
    ...old.map((key): PloinkyDraft => {
      return { type: 'key.rotated', stream: `key:${key.keyId}`, data: { keyId: key.keyId, replacedBy: newKeyId } };
    }),
    ...closeSessionsOf(views, old, 'its key was rotated'),
  );
}

export function revokeKey(views: Views, command: CommandOf<'revokeKey'>): Decision {
  const { keyId, reason } = command;
  const key = views.keys.get(keyId);
  if (key?.status !== 'active') return noKey(keyId);
  const others = [...views.keys.values()].some((k) => k.status === 'active' && k.keyId !== keyId);
  if (!others) {
    return refused(
      'INVALID_REQUEST',
      `${keyId} is the last active API key; without it nobody could manage this cloud.`,
      'Replace it with `p-cli cloud keys rotate` instead.',
    );
  }
  return accepted(
    { type: 'key.revoked', stream: `key:${keyId}`, data: { keyId, reason } },
    ...closeSessionsOf(views, [key], 'its key was revoked'),
  );
}

/** Expired sessions are closed on the way, so that the list of open ones cannot grow for ever. */
export function openSession(views: Views, command: CommandOf<'openSession'>): Decision {
  const { sessionId, tokenHash, keyId, userId, now, expiresAt } = command;
  if (views.keys.get(keyId)?.status !== 'active') return refused('INVALID_API_KEY', 'The API key is not valid.');
  const expired = [...views.sessions.values()].filter((session) => session.expiresAt <= now);
  return accepted(...expired.map((session) => sessionClosed(session.sessionId, 'expired')), {
    type: 'session.opened',
    stream: `session:${sessionId}`,
    data: { sessionId, hash: tokenHash, keyId, userId, expiresAt },
  });
}

export function closeSession(views: Views, command: CommandOf<'closeSession'>): Decision {
  return views.sessions.has(command.sessionId)
    ? accepted(sessionClosed(command.sessionId, command.reason))
    : accepted();
}

export function denyAccess(command: CommandOf<'denyAccess'>): Decision {
  const { method, route, reason, count } = command;
  return accepted({ type: 'access.denied', stream: 'cloud', data: { method, route, reason, count } });
}

export function keyCreated(keyId: string, hash: string): PloinkyDraft {
  return { type: 'key.created', stream: `key:${keyId}`, data: { keyId, hash, role: 'admin' } };
}

function noKey(keyId: string): Decision {
  return refused('KEY_NOT_FOUND', `There is no active API key with the id ${keyId}.`);
}

function sessionClosed(sessionId: string, reason: string): PloinkyDraft {
  return { type: 'session.closed', stream: `session:${sessionId}`, data: { sessionId, reason } };
}

function closeSessionsOf(views: Views, keys: readonly Key[], reason: string): PloinkyDraft[] {
  const ids = new Set(keys.map((key) => key.keyId));
  return [...views.sessions.values()]
    .filter((session) => ids.has(session.keyId))
    .map((session) => sessionClosed(session.sessionId, reason));
}
