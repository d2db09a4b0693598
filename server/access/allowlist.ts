import ipaddr from 'ipaddr.js';
import { failuresOf } from '../platform/failure.ts';
import { plainAddress } from '../platform/origin.ts';
import { accessProblems } from './contract.ts';

const fail = failuresOf(accessProblems);

/** Whether an address lies in one of the networks. None at all means that every address may. */
export function isAllowed(address: string, networks: readonly string[]): boolean {
  if (networks.length === 0) return true;
  const given = ipaddr.parse(plainAddress(address));
  return networks.some((text) => {
    const [network, bits] = ipaddr.parseCIDR(plainNetwork(text));
    return network.kind() === given.kind() && given.match(network, bits);
  });
}

/** @throws Failure `address-not-allowed` */
export function demandAllowed(address: string, networks: readonly string[]): void {
  if (!isAllowed(address, networks))
    throw fail(
      'address-not-allowed',
      `The organisation admits callers from certain networks only, and ${plainAddress(address)} lies in none of them.`,
    );
}

/** A network in its one form, as PostgreSQL's `cidr` takes it: one address as a network of its own, no host bits. */
export function plainNetwork(text: string): string {
  const [address = '', bits] = text.split('/');
  const plain = plainAddress(address);
  const version = ipaddr.parse(plain).kind();
  const length = bits ?? (version === 'ipv4' ? '32' : '128');
  const network = version === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${plainAddress(network.networkAddressFromCIDR(`${plain}/${length}`).toString())}/${length}`;
}
