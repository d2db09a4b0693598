import ipaddr from 'ipaddr.js';

/**
 * IPv4 that is not the public internet: the special-purpose registry of IANA (RFC 6890) as of 2026, without regard to
 * the few entries in it that are globally reachable, since nobody has an endpoint there.
 */
const specialIpv4 = [
  '0.0.0.0/8', // "this network", RFC 791
  '10.0.0.0/8', // private, RFC 1918
  '100.64.0.0/10', // carrier-grade NAT, RFC 6598
  '127.0.0.0/8', // loopback, RFC 1122
  '169.254.0.0/16', // link-local and metadata, RFC 3927
  '172.16.0.0/12', // private, RFC 1918
  '192.0.0.0/24', // protocol assignments, RFC 6890
  '192.0.2.0/24', // documentation, RFC 5737
  '192.31.196.0/24', // AS112, RFC 7535
  '192.52.193.0/24', // AMT, RFC 7450
  '192.88.99.0/24', // 6to4 relays, RFC 7526
  '192.168.0.0/16', // private, RFC 1918
  '192.175.48.0/24', // AS112, RFC 7534
  '198.18.0.0/15', // benchmarking, RFC 2544
  '198.51.100.0/24', // documentation, RFC 5737
  '203.0.113.0/24', // documentation, RFC 5737
  '224.0.0.0/4', // multicast, RFC 5771
  '240.0.0.0/4', // reserved and broadcast, RFC 1112
  '168.63.129.16/32', // a public number by which Azure serves metadata and health inside of its networks
].map((range) => ipaddr.IPv4.parseCIDR(range));

/** The only part of IPv6 that is given out for the public internet (RFC 4291, 2.4); all else is refused unseen. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/** What within it is special, above all what carries an IPv4 address that would be reached instead. */
const specialIpv6 = [
  '2001::/23', // protocol assignments: Teredo, benchmarking, ORCHID, RFC 2928
  '2001:db8::/32', // documentation, RFC 3849
  '2002::/16', // 6to4, RFC 3056
  '2620:4f:8000::/48', // AS112, RFC 7534
  '3fff::/20', // documentation, RFC 9637
].map((range) => ipaddr.IPv6.parseCIDR(range));

/**
 * Whether an address belongs to the public internet: whatever has a special purpose does not, nor does an IPv4 address
 * in the clothes of IPv6, whichever it is (mapped, compatible, translated, tunnelled).
 */
export function isPublic(address: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) {
    const parsed = ipaddr.IPv4.parse(address);
    return !specialIpv4.some((range) => parsed.match(range));
  }
  // A zone belongs to a link, so what has one is not public, whatever it begins with.
  if (!ipaddr.IPv6.isValid(address) || address.includes('%')) return false;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.match(globalUnicast) && !specialIpv6.some((range) => parsed.match(range));
}

/** The same address written one way, IPv4 without its IPv6 clothes, so that two can be compared. */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, '');
  return ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : address;
}

/** Endings under which no public name is given out: RFC 6761, 6762, 8375, 9476 and ICANN's reservation of `internal`. */
const privateEndings =
  /(^|\.)(localhost|localdomain|local|internal|intranet|lan|home\.arpa|corp|home|private|test|invalid|alt|onion)$/;

/**
 * Whether a name can only be one of this machine or network: those are not even asked for, so that nobody learns which
 * of them there are. A name of one label is completed by the search list of the network, if at all.
 */
export function isPrivateName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return !name.includes('.') || privateEndings.test(name);
}
