import { describe } from 'vitest';
import { callSuite } from './call-suite.ts';

describe('a server of two workers', () => callSuite(2));
