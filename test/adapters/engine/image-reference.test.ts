import { describe, expect, test } from 'vitest';
import { parseImageReference, pullName } from '../../../adapters/engine/image-reference.ts';
import { resolvedFromInspect } from '../../../adapters/engine/resolved-image.ts';
import { captured, engines } from './captured.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('the name of an image', () => {
  test.each([
    ['node', 'docker.io/library/node', 'latest', null],
    ['node:20-alpine', 'docker.io/library/node', '20-alpine', null],
    ['assistos/agent', 'docker.io/assistos/agent', 'latest', null],
    ['docker.io/library/node:20', 'docker.io/library/node', '20', null],
    ['localhost/mine:1', 'localhost/mine', '1', null],
    ['127.0.0.1:5000/shell', '127.0.0.1:5000/shell', 'latest', null],
    ['127.0.0.1:5000/a/b/c:v1.2_3', '127.0.0.1:5000/a/b/c', 'v1.2_3', null],
    [`ghcr.io/x/y@${digest}`, 'ghcr.io/x/y', null, digest],
    [`ghcr.io/x/y:1@${digest}`, 'ghcr.io/x/y', '1', digest],
  ])('%s', (text, repository, tag, expected) => {
    expect(parseImageReference(text)).toEqual({ kind: 'name', repository, tag, digest: expected });
  });

  test('an id is an id, with and without its prefix', () => {
    expect(parseImageReference(digest)).toEqual({ kind: 'id', id: digest });
    expect(parseImageReference('a'.repeat(64))).toEqual({ kind: 'id', id: digest });
  });

  test.each([
    '',
    ' ',
    '-rf',
    'UPPER',
    'a b',
    'a:',
    'a@sha256:12',
    'x/../y',
    'a//b',
    '../a',
    'a?b=c',
    'a\u0000',
    '/a',
    'a/',
  ])('%j cannot be one', (text) => {
    expect(() => parseImageReference(text)).toThrow(expect.objectContaining({ code: 'IMAGE_NOT_FOUND' }));
  });

  test('a digest is pulled without the tag', () => {
    const pulled = (text: string) => pullName(parseImageReference(text) as never);
    expect(pulled(`ghcr.io/x/y:1@${digest}`)).toBe(`ghcr.io/x/y@${digest}`);
    expect(pulled('node')).toBe('docker.io/library/node:latest');
  });
});

describe('what an inspection of an image tells', () => {
  const resolve = (text: string, answer: { Id: string; RepoDigests: string[] }) =>
    resolvedFromInspect(text, parseImageReference(text), answer);

  test.each(engines)('%s, an image that came from a registry', (engine) => {
    const answer = captured(engine, 'pulls').inspect;
    const name = answer.RepoTags[0];
    const own = answer.RepoDigests.filter((one: string) => one.startsWith(name.slice(0, name.lastIndexOf(':'))));
    const resolved = resolve(name, answer);
    expect(resolved).toEqual({ reference: name, imageId: answer.Id, digest: own[0].split('@')[1] });
  });

  test('a digest of another repository is not its digest', () => {
    const answer = { Id: digest, RepoDigests: [`ghcr.io/other/y@${digest}`] };
    expect(resolve('ghcr.io/x/y:1', answer).digest).toBeNull();
    expect(resolve(digest, answer).digest).toBe(digest);
  });

  test('of several digests the one that was asked for counts', () => {
    const other = `sha256:${'b'.repeat(64)}`;
    const answer = { Id: digest, RepoDigests: [`ghcr.io/x/y@${other}`, `ghcr.io/x/y@${digest}`] };
    expect(resolve(`ghcr.io/x/y@${digest}`, answer).digest).toBe(digest);
  });

  test('an image that was never in a registry has none', () => {
    expect(resolve('localhost/ploinky-test-shell:1', captured('docker', 'image')).digest).toBeNull();
  });
});
