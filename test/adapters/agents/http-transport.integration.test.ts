import { HttpTransport } from '../../../adapters/agents/http-transport.ts';
import { onNode } from '../../agent-core/running-agent.ts';
import { transportContract } from '../../contracts/transport-contract.ts';

transportContract('http to AgentCore on Node', { create: () => new HttpTransport(), runner: onNode, crowd: 50 });
