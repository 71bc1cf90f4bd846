import { createMemorySecrets } from '../../../adapters/secrets/memory-secrets.ts';
import { secretsContract } from '../../contracts/secrets-contract.ts';

secretsContract('in memory', { open: async () => createMemorySecrets(), end: async () => {} });
