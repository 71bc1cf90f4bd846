import { describeLive } from '../engines/live-engine.ts';
import { replicasSuite } from './engine-suite.ts';

describeLive('podman', 'Replicas', (socketPath) => replicasSuite('podman', socketPath));
