import { createMemoryLog } from '../../../core/log/memory-log.ts';
import { logContract } from '../../contracts/log-contract.ts';

logContract('in memory', { open: async () => createMemoryLog(), end: async () => {} });
