import { describe } from 'vitest';
import { callSuite } from './call-suite.ts';

describe('a server of one process', () => callSuite(1));
