import { passThroughSuite } from './pass-through-suite.ts';

passThroughSuite(true);
