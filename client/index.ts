// The entry that package.json names; everything else is imported by its own path.
export type * from './calls.ts';
export { PloinkyClientError } from './client-error.ts';
export * from './ploinky-client.ts';
export type { RequestOptions } from './session-request.ts';
