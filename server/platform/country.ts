import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Reader } from 'maxmind';

interface Place {
  readonly country_code: string;
}

let reader: Reader<Place> | null = null;

/**
 * The country of a network address by the registries' own tables, which come with Kept, so that nobody is asked about
 * anybody. It tells where a network is registered, not where a person is.
 * @returns ISO 3166-1 alpha-2; null for private and unknown addresses
 */
export function countryOf(address: string): string | null {
  // Eight megabytes that a server without people who sign in never needs.
  reader ??= new Reader<Place>(
    readFileSync(
      fileURLToPath(import.meta.resolve('@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb')),
    ),
  );
  return reader.get(address)?.country_code ?? null;
}
