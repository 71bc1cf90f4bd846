import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFiles, projectRoot, readProjectFile } from '../architecture/project-files.ts';

describe('the Markdown pages', () => {
  it.each(projectFiles(/\.md$/))('%s links only to what exists', (page) => {
    const text = readProjectFile(page).replace(/```[\s\S]*?```/g, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)].map(([, a, b]) => a ?? b ?? '');
    const files = links.filter((link) => !/^[a-z]+:/.test(link) && !link.startsWith('#'));
    const missing = files.filter((link) => !existsSync(join(projectRoot, dirname(page), link.replace(/#.*/, ''))));
    expect(missing).toEqual([]);
  });
});
