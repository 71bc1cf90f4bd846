import { type Conversation, type Given, quick, slow } from './conversation.ts';
import { refusal } from './daemon.ts';
import { fits, networkOf, shownNetwork } from './shown.ts';

export interface CreateNetwork {
  readonly _body: { readonly Name: string; readonly Labels: Record<string, string> };
  readonly abortSignal?: AbortSignal;
}

export function createNetwork(conversation: Conversation, { _body, abortSignal }: CreateNetwork) {
  const { Name: name, Labels: labels } = _body;
  const { networks, ground } = conversation.daemon;
  return conversation.ask(`create network ${name}`, slow, abortSignal ? { abortSignal } : {}, () => {
    if (networks.has(name)) throw refusal(409, `network with name ${name} already exists`);
    const id = ground.random.hex(64);
    networks.set(name, { id, name, labels, subnet: `10.${networks.size}.0.0/24` });
    return { id };
  });
}

export function networkApi(conversation: Conversation, nameOrId: string) {
  const { networks, containers } = conversation.daemon;
  const of = () => {
    const found = networks.get(nameOrId) ?? [...networks.values()].find(({ id }) => id === nameOrId);
    if (!found) throw refusal(404, `network ${nameOrId} not found`);
    return found;
  };
  return {
    inspect: (given: Given = {}) => conversation.ask('inspect network', quick, given, () => shownNetwork(of())),
    remove: (given: Given = {}) =>
      conversation.ask(`remove network ${nameOrId.slice(0, 8)}`, slow, given, () => {
        const { name } = of();
        const used = [...containers.values()].some((one) => networkOf(one) === name && one.state === 'running');
        if (used) throw refusal(403, `network ${name} has active endpoints`);
        networks.delete(name);
      }),
  };
}

export function listNetworks(conversation: Conversation, given: Given & { filters?: { label?: string[] } }) {
  return conversation.ask('list networks', quick, given, () => {
    return [...conversation.daemon.networks.values()]
      .filter(({ labels }) => fits(labels, given.filters?.label))
      .map(shownNetwork);
  });
}
