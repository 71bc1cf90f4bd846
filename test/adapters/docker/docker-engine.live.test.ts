import { describeLive } from '../../engines/live-engine.ts';
import { socketEngineSuite } from '../engine/socket-engine-suite.ts';

describeLive('docker', 'The engine', (socketPath) => socketEngineSuite('docker', socketPath));
