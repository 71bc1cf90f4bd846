import { describeLive } from '../engines/live-engine.ts';
import { replicasSuite } from './engine-suite.ts';

describeLive('docker', 'Replicas', (socketPath) => replicasSuite('docker', socketPath));
