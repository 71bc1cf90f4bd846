import { describeLive } from '../../engines/live-engine.ts';
import { socketEngineSuite } from '../engine/socket-engine-suite.ts';

describeLive('podman', 'The engine', (socketPath) => socketEngineSuite('podman', socketPath));
