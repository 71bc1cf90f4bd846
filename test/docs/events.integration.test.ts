import { describe, expect, it } from 'vitest';
import { catalogue, definitionOf } from '../../core/events/catalogue.ts';
import { readPage, rowsBelow } from './tables.ts';

describe('docs/events.md', () => {
  const page = readPage('events.md');
  const sections = page
    .split(/^## /m)
    .slice(1)
    .map((text) => ({ type: text.slice(0, text.indexOf('\n')), text }));

  it('has one section for each event of the catalogue, in its order', () => {
    expect(sections.map(({ type }) => type)).toEqual(catalogue.map(({ type }) => type));
    expect(rowsBelow(page, 'Event')).toHaveLength(catalogue.length);
  });

  it.each(sections)('says of $type its version, stream, meaning and fields', ({ type, text }) => {
    const event = definitionOf(type);
    if (!event) throw new Error(`the catalogue has no ${type}`);
    expect(text).toContain(event.summary);
    expect(text).toContain(`Version ${event.v} · stream \`${event.stream}\``);
    expect(text.includes('· ignorable')).toBe(event.ignorable);
    const { properties } = event.schema as unknown as { properties: Record<string, unknown> };
    const fields = Object.keys(properties).map((name) => `\`${name}\``);
    expect(rowsBelow(text, 'Field').map(([name]) => name)).toEqual(fields);
  });
});

describe('the names of events', () => {
  it('are noun.pastVerb, each once', () => {
    const types = catalogue.map(({ type }) => type);
    for (const type of types) expect(type).toMatch(/^[a-z]+\.[a-z]+([A-Z][a-z]+)*$/);
    expect(new Set(types).size).toBe(types.length);
  });
});
