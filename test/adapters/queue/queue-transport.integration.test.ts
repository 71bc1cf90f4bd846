import { QueueTransport } from '../../../adapters/queue/queue-transport.ts';
import { onNode } from '../../agent-core/running-agent.ts';
import { transportContract } from '../../contracts/transport-contract.ts';

transportContract('queue to AgentCore on Node', { create: () => new QueueTransport(), runner: onNode, crowd: 50 });
