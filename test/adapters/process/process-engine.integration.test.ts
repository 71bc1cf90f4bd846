import { engineContract } from '../../contracts/engine-contract.ts';
import { makeProcessFixture } from './process-fixture.ts';

engineContract('the process engine', makeProcessFixture);
