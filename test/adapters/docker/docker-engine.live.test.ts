import { engineContract } from '../../contracts/engine-contract.ts';
import { describeLive } from '../../engines/live-engine.ts';
import { makeContractFixture } from '../engine/contract-fixture.ts';
import { socketEngineSuite } from '../engine/socket-engine-suite.ts';

describeLive('docker', 'The engine', (socketPath) => {
  engineContract('fulfils the contract', () => makeContractFixture('docker', socketPath));
  socketEngineSuite('docker', socketPath);
});
