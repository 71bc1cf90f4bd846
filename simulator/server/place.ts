import { dataPaths } from '../../adapters/pipeline/paths.ts';

/** The folder that the simulated server serves. */
export const folder = '/simulated/cloud';
export const paths = dataPaths(folder, '/simulated/agent-core');
export const cloudId = 'abc123def456';
