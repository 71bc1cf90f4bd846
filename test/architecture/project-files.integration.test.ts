import { describe, expect, it } from 'vitest';
import { projectFiles, readProjectFile } from './project-files.ts';

const text = /\.(ts|mjs|cjs|js|json|jsonc|md|sh|yml|yaml|html|css|svg|txt)$|(^|\/)[^.]+$/;

describe('the files of the project', () => {
  it('name no folder of the machine that one of them was written on', () => {
    const places = new RegExp(
      ['work/main', 'work/shared', 'tmp/team'].map((place) => `(^|[\\s"'\`(=:])/${place}/`).join('|'),
    );
    const found = projectFiles(text).filter((path) => places.test(readProjectFile(path)));
    expect(found).toEqual([]);
  });

  it('install from the public registry only', () => {
    const lock = JSON.parse(readProjectFile('package-lock.json')) as {
      packages: Record<string, { resolved?: string }>;
    };
    const origins = Object.values(lock.packages).flatMap(({ resolved }) =>
      resolved ? [new URL(resolved).origin] : [],
    );
    expect(origins.filter((origin) => origin !== 'https://registry.npmjs.org')).toEqual([]);
  });
});

describe('projections and decisions', () => {
  it('read no clock: `new Date()` without an argument is the one way to it that lint does not see', () => {
    const files = projectFiles(/^(projections|decisions)\/.*\.ts$/);
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((path) => /\bDate\(\s*\)/.test(readProjectFile(path)))).toEqual([]);
  });
});

describe('source files', () => {
  it('have kebab-case names that say one thing', () => {
    const files = projectFiles(
      /^(core|projections|decisions|adapters|agent-core|client|cli|bench|scripts)\/.*\.(ts|mjs)$/,
    );
    const names = files.map((path) => path.slice(path.lastIndexOf('/') + 1).replace(/\.(ts|mjs)$/, ''));
    expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
    expect(names.filter((name) => /\b(utils?|helpers?|common|misc|manager)\b/.test(name))).toEqual([]);
  });
});
