import { readFileSync } from 'node:fs';

/** An answer of a real engine: Docker 20.10.24 or Podman 4.3.1, without what only describes the machine. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about
export function captured(engine: 'docker' | 'podman', answer: string): any {
  return JSON.parse(readFileSync(new URL(`captured/${engine}-${answer}.json`, import.meta.url), 'utf8'));
}

export const engines = ['docker', 'podman'] as const;
