// The entry that package.json names; everything else is imported by its own path.
export * from './ploinky-client.ts';
