import { expect, it } from 'vitest';
import { cacheControl } from '../../../../adapters/http/files/cache-control.ts';

const revalidated = 'public, max-age=0, must-revalidate';

it.each([
  'index-DiwrgT4a.js',
  'app.3f2a9c1d.css',
  'app.3f2a9c1d0b7e4a5f6c8d.min.js',
  'logo-B4f9zQ_x.svg',
  'a-Bx3kd9Qz.woff2',
])('%s may be kept for a year, for its name changes with its content', (name) => {
  expect(cacheControl(name, 'public')).toBe('public, max-age=31536000, immutable');
});

it.each([
  'index.html',
  'index-Bx3kd9Qz.html',
  'app.js',
  'my-component.js',
  'jquery-3.7.1.min.js',
  'report-20260801.css',
  'icon-FaceBook.svg',
  'deadbeef.css',
  'data-3f2a9c1d.json',
])('%s is asked for each time', (name) => {
  expect(cacheControl(name, 'public')).toBe(revalidated);
});

it('is for the asking browser alone where a login is needed', () => {
  expect(cacheControl('index.html', 'private')).toBe('private, max-age=0, must-revalidate');
});
