import { describe } from 'vitest';
import { canarySuite } from './canaries.ts';

describe('secrets of plain processes', () => canarySuite({ engine: 'process' }));
